"""The public's addresses, in the order in which somebody meets them. What each does stands in the module it names."""

from flask import Blueprint

from webapp.guards import signed_in_only
from webapp.portal import guided, home, papers, reporting, tracking, verification

blueprint = Blueprint("portal", __name__)

# Arriving
blueprint.get("/")(home.index)
blueprint.get("/poster/<code>")(home.poster)
blueprint.get("/kredit")(home.credits)
blueprint.get("/kredit/wilayah.json")(home.places)
blueprint.get("/sehat")(home.health)

# Asking before reporting
blueprint.get("/wajib-lapor")(guided.start)
blueprint.get("/wajib-lapor/<case_type>")(guided.begin)
blueprint.post("/wajib-lapor/<case_type>")(guided.answer)
blueprint.post("/wajib-lapor/<case_type>/lapor")(guided.report_checked)

# Reporting
blueprint.get("/lapor/<case_type>")(reporting.report)
blueprint.post("/lapor/<case_type>")(reporting.submit)
blueprint.post("/lapor/<case_type>/berkas")(reporting.upload)
blueprint.get("/lapor/<case_type>/templat/<list_name>.<ending>")(reporting.template)
blueprint.get("/lapor/<case_type>/tanda-terima")(reporting.receipt)
blueprint.post("/lapor/<case_type>/tanda-terima")(reporting.put_receipt_away)

# Following
blueprint.get("/lacak")(tracking.track)
blueprint.post("/lacak")(tracking.open_with_code)
blueprint.post("/lacak/pesan/<message>")(tracking.send_message)
blueprint.get("/lacak/pesan/<message>/templat/<list_name>.<ending>")(tracking.message_template)
blueprint.post("/lacak/keterangan")(tracking.add_information)
blueprint.get("/lacak/berkas/<uuid:evidence_id>")(tracking.file)
blueprint.get("/lacak/surat/<uuid:letter_id>")(papers.letter)
blueprint.post("/lacak/laporan")(papers.ask_print)
blueprint.get("/lacak/laporan/<uuid:report_id>")(papers.printed)
blueprint.post("/lacak/tutup")(tracking.close)
blueprint.get("/lacak/akun/<number>")(signed_in_only(tracking.own_report))
# The same acts for who is signed in: the report is then named, and no code is needed.
blueprint.post("/lacak/akun/<number>/pesan/<message>")(tracking.send_message)
blueprint.get("/lacak/akun/<number>/pesan/<message>/templat/<list_name>.<ending>")(tracking.message_template)
blueprint.post("/lacak/akun/<number>/keterangan")(tracking.add_information)
blueprint.get("/lacak/akun/<number>/berkas/<uuid:evidence_id>")(tracking.file)
blueprint.get("/lacak/akun/<number>/surat/<uuid:letter_id>")(papers.letter)
blueprint.post("/lacak/akun/<number>/laporan")(papers.ask_print)
blueprint.get("/lacak/akun/<number>/laporan/<uuid:report_id>")(papers.printed)

# Checking what was printed
blueprint.get("/verifikasi/<document_id>")(verification.verify)
