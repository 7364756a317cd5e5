"""Every word for an enum member or an error code, in one place. Templates ask with `label("task.status", "open")`.

Words of case types (stages, dispositions, field labels) are not here: they come from the case type's own files.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from webapp.formats import file_size
from workflows.errors import AmanahError

Words = Mapping[str, LazyString | str]

LABELS: dict[str, Words] = {
    "classification.anonymous": {"True": _("Anonim"), "False": _("Nama dicatat")},
    "audience": {"internal": _("Internal"), "reporter": _("Pelapor"), "public": _("Publik")},
    "author": {"user": _("Petugas"), "reporter": _("Pelapor"), "system": _("Sistem"), "office": _("Kantor")},
    "channel": {"web": _("Portal"), "desk": _("Loket"), "phone": _("Telepon"), "mail": _("Surat")},
    "task.status": {
        "open": _("Menunggu"),
        "done": _("Selesai"),
        "cancelled": _("Dibatalkan"),
    },
    "instance.status": {
        "running": _("Berjalan"),
        "ended": _("Selesai"),
        "cancelled": _("Dihentikan"),
    },
    "letter.status": {"issued": _("Sedang dicetak"), "printed": _("Tercetak"), "failed": _("Gagal dicetak")},
    "notice.status": {
        "waiting": _("Menunggu"),
        "sent": _("Terkirim"),
        "failed": _("Gagal"),
        "unsendable": _("Tidak dapat dikirim"),
    },
    "unit.kind": {
        "regent": _("Bupati"),
        "secretariat": _("Sekretariat Daerah"),
        "inspectorate": _("Inspektorat"),
        "information": _("PPID"),
        "office": _("Perangkat daerah"),
        "district": _("Kecamatan"),
        "section": _("Bagian"),
    },
    "calendar.kind": {
        "holiday": _("Libur nasional"),
        "joint_leave": _("Cuti bersama"),
        "ordinary": _("Hari kerja biasa"),
    },
    "identity": {
        "name": _("Nama"),
        "phone": _("Telepon"),
        "email": _("Surel"),
    },
    "journal": {
        "case.opened": _("Kasus dibuka"),
        "case.classified": _("Penggolongan diubah"),
        "case.stage_set": _("Status berubah"),
        "case.closed": _("Kasus ditutup"),
        "case.reopened": _("Kasus dibuka kembali"),
        "case.referred": _("Didisposisikan"),
        "case.handed_over": _("Dialihkan"),
        "case.escalated": _("Dieskalasi"),
        "case.duplicate_suggested": _("Diduga laporan ganda"),
        "case.duplicate_linked": _("Dihubungkan sebagai laporan ganda"),
        "case.duplicate_dismissed": _("Dinyatakan bukan laporan ganda"),
        "decision.overridden": _("Petugas menetapkan lain dari tabel keputusan"),
        "escalation.acknowledged": _("Eskalasi diterima"),
        "circle.assigned": _("Lingkar kasus ditetapkan"),
        "exclusion.added": _("Dikecualikan dari kasus"),
        "content.put": _("Isian disimpan"),
        "content.published": _("Isian diberikan kepada pelapor"),
        "party.added": _("Pihak ditambahkan"),
        "identity.read": _("Identitas dibaca"),
        "deadline.started": _("Batas waktu mulai berjalan"),
        "deadline.met": _("Batas waktu dipenuhi"),
        "deadline.reminded": _("Pengingat batas waktu"),
        "deadline.stopped": _("Batas waktu tidak berlaku lagi"),
        "deadline.resumed": _("Batas waktu berlaku kembali"),
        "deadline.kept_running": _("Batas waktu tetap berjalan"),
        "deadline.recounted": _("Batas waktu dihitung ulang"),
        "process.started": _("Proses dimulai"),
        "process.ended": _("Proses selesai"),
        "process.cancelled": _("Proses dihentikan"),
        "process.suspended": _("Proses ditangguhkan"),
        "process.resumed": _("Proses dilanjutkan"),
        "process.moved": _("Kasus dipindahkan ke langkah lain"),
        "process.migrated": _("Kasus dipindahkan ke versi lain"),
        "process.migration_undone": _("Perpindahan versi dibatalkan"),
        "migration.begun": _("Perpindahan versi dimulai"),
        "message.received": _("Pesan pelapor diterima proses"),
        "timer.fired": _("Pengingat proses berjalan"),
        "timer.recounted": _("Pengingat dihitung ulang"),
        "variable.recounted": _("Tanggal dalam proses dihitung ulang"),
        "timer.held": _("Pengingat ditahan selama penangguhan"),
        "task.created": _("Tugas dibuat"),
        "task.claimed": _("Tugas diambil"),
        "task.released": _("Tugas dilepas"),
        "task.assigned": _("Tugas ditugaskan"),
        "task.completed": _("Tugas diselesaikan"),
        "task.cancelled": _("Tugas dibatalkan"),
        "task.reopened": _("Tugas dibuka kembali"),
        "items.recorded": _("Objek dan pemberi dicatat"),
        "items.withdrawn": _("Objek tidak lagi dihitung"),
        "item.amended": _("Data objek diperbaiki"),
        "giver.confirmed": _("Dua pemberi dinyatakan orang yang sama"),
        "giver.denied": _("Dua pemberi dinyatakan orang yang berbeda"),
        "report.submitted": _("Laporan diterima"),
        "information.added": _("Keterangan ditambahkan pelapor"),
        "evidence.attached": _("Bukti dilampirkan"),
        "evidence.read": _("Bukti dibuka"),
        "evidence.released": _("Bukti diberikan kepada pelapor"),
        "letter.issued": _("Surat diterbitkan"),
        "letter.printed": _("Surat dicetak"),
        "letter.failed": _("Surat gagal dicetak"),
        "report.requested": _("Laporan penanganan diminta"),
        "report.printed": _("Laporan penanganan dicetak"),
        "report.failed": _("Laporan penanganan gagal dicetak"),
        "notice.queued": _("Pemberitahuan disiapkan"),
        "notice.sent": _("Pemberitahuan terkirim"),
        "notice.failed": _("Pemberitahuan gagal"),
        "incident.opened": _("Gangguan dicatat"),
        "incident.assigned": _("Gangguan ditugaskan"),
        "incident.retried": _("Gangguan dicoba lagi"),
        "incident.resolved": _("Gangguan selesai"),
        "user.signed_in": _("Masuk"),
        "user.sign_in_failed": _("Gagal masuk"),
        "user.signed_out": _("Keluar"),
        "user.added": _("Pengguna ditambahkan"),
        "user.changed": _("Data pengguna diubah"),
        "user.deactivated": _("Pengguna dinonaktifkan"),
        "user.moved": _("Pengguna dipindahkan"),
        "user.password_reset": _("Kata sandi diatur ulang"),
        "user.second_factor_removed": _("Faktor kedua dicabut"),
        "user.sessions_revoked": _("Semua sesi diakhiri"),
        "user.password_changed": _("Kata sandi diganti"),
        "user.second_factor_enrolled": _("Faktor kedua didaftarkan"),
        "role.granted": _("Peran diberikan"),
        "role.ended": _("Peran diakhiri"),
        "role.defined": _("Peran ditetapkan"),
        "unit.added": _("Unit ditambahkan"),
        "administrator.installed": _("Pengelola dipasang dari baris perintah"),
        "unit.head_named": _("Kepala unit ditetapkan"),
        "deputy.ended": _("Penunjukan Plt./Plh. diakhiri"),
        "deputy.named": _("Pelaksana tugas ditetapkan"),
        "definition.published": _("Proses diterbitkan"),
        "definition.retired": _("Proses dinonaktifkan"),
        "calendar.day_set": _("Hari libur diubah"),
        "calendar.recount_asked": _("Hitung ulang batas waktu diminta"),
        "calendar.year_set": _("Tahun kalender ditetapkan"),
        "act.refused": _("Tindakan ditolak"),
    },
    "party.role": {"reporter": _("Pelapor"), "subject": _("Terlapor"), "witness": _("Saksi")},
    "origin": {"reporter": _("Pelapor"), "officer": _("Petugas")},
    "referral.kind": {"referral": _("Disposisi"), "hand_over": _("Pengalihan")},
    "deadline.state": {
        "running": _("Berjalan"),
        "met": _("Dipenuhi"),
        "late": _("Dipenuhi terlambat"),
        "breached": _("Terlewati"),
        "stopped": _("Tidak berlaku lagi"),
    },
    "rung.kind": {
        "reminder": _("Pengingat"),
        "escalation": _("Eskalasi karena tenggat terlewati"),
        "by_hand": _("Eskalasi oleh petugas"),
        "ahead": _("Berikutnya"),
    },
    "duplicate.status": {
        "suggested": _("Diduga ganda"),
        "linked": _("Dihubungkan"),
        "dismissed": _("Bukan laporan ganda"),
    },
    "report.edition": {
        "internal": _("Laporan penanganan, edisi internal"),
        "reporter": _("Laporan penanganan, edisi pelapor"),
        "ombudsman": _("Ringkasan penanganan untuk Ombudsman"),
    },
    "report.variant": {"archival": _("untuk arsip (PDF/A)"), "accessible": _("mudah diakses (PDF/UA)")},
    "report.state": {
        "queued": _("Menunggu giliran"),
        "printing": _("Sedang dicetak"),
        "ready": _("Siap"),
        "failed": _("Gagal"),
    },
    "deputy.kind": {
        "plt": _("Plt. (pelaksana tugas)"),
        "plh": _("Plh. (pelaksana harian)"),
    },
    "incident.kind": {
        "job.failed": _("Pekerjaan latar gagal"),
        "step.failed": _("Langkah gagal karena kesalahan pada diagram"),
        "case.stuck": _("Kasus terhenti tanpa langkah berikutnya"),
        "task.orphan": _("Tidak ada lagi yang boleh mengerjakan tugas ini"),
    },
}

# Code of what is wrong with an answer -> sentence; "label" is the question.
PROBLEMS: Words = {
    "required": _("Isi “%(label)s”"),
    "answer.required": _("Isi “%(label)s”"),
    "choose": _("Pilih “%(label)s”"),
    "agree": _("Centang “%(label)s”"),
    "too_short": _("“%(label)s”: tulis paling sedikit %(minimum)s tanda"),
    "too_long": _("“%(label)s”: paling banyak %(maximum)s tanda, sekarang %(length)s"),
    "pattern": _("“%(label)s”: %(message)s"),
    "not_text": _("“%(label)s”: ada tanda yang tidak dapat disimpan"),
    "not_email": _("“%(label)s”: tulis alamat surel seperti nama@contoh.id"),
    "not_phone": _("“%(label)s”: tulis nomor telepon seperti 0812 3456 7890"),
    "not_number": _("“%(label)s”: tulis angka"),
    "decimals": _("“%(label)s”: paling banyak %(decimals)s angka di belakang koma"),
    "below_minimum": _("“%(label)s”: paling kecil %(minimum)s"),
    "above_maximum": _("“%(label)s”: paling besar %(maximum)s"),
    "not_date": _("“%(label)s”: tulis tanggal yang ada, misalnya 21/11/2026"),
    "not_time": _("“%(label)s”: tulis jam seperti 09.30"),
    "passed": _("“%(label)s”: tanggal itu sudah lewat"),
    "ahead": _("“%(label)s”: tanggal itu belum tiba"),
    "too_early": _("“%(label)s”: paling awal %(earliest)s"),
    "unknown_option": _("“%(label)s”: pilih salah satu dari daftar"),
    "too_many": _("“%(label)s”: paling banyak %(maximum)s"),
    "file.too_large": _("%(name)s terlalu besar: paling besar %(limit)s"),
    "file.gone": _("Berkas yang tadi diterima sudah tidak disimpan lagi. Pilih sekali lagi"),
    "file.empty": _("%(name)s kosong"),
    "file.kind_not_taken": _("%(name)s: jenis berkas ini tidak diterima. Kirim foto, PDF, atau dokumen kantor"),
    "file.lying": _("%(name)s: isinya bukan seperti namanya. Periksa berkasnya, lalu pilih lagi"),
    "file.too_many_points": _("%(name)s: ukuran gambarnya terlalu besar untuk dibuka. Perkecil dahulu"),
    "file.broken": _("%(name)s rusak dan tidak dapat dibuka"),
    "file.encrypted": _("%(name)s terkunci dengan kata sandi. Kirim tanpa kata sandi"),
    "files.too_many": _("Terlalu banyak berkas: paling banyak %(limit)s"),
    "files.too_large": _("Seluruh berkas bersama terlalu besar: paling besar %(limit)s"),
    "second_factor.wrong_code": _("Kode itu tidak cocok"),
    "password.too_short": _("“%(label)s”: paling sedikit %(shortest)s tanda"),
    "password.too_long": _("“%(label)s”: paling banyak %(longest)s tanda"),
    "password.too_simple": _("“%(label)s”: terlalu mudah ditebak"),
    "password.unchanged": _("“%(label)s”: pilih yang lain daripada yang lama"),
    "password.wrong": _("Kata sandi sekarang tidak cocok"),
    "login.malformed": _("Nama pengguna: huruf kecil, angka, titik, garis; paling sedikit dua tanda"),
    "login.taken": _("Nama pengguna itu sudah dipakai"),
    "employee_number.taken": _("NIP itu sudah dimiliki pengguna lain"),
    "deputy.oneself": _("Pelaksana tugas harus orang lain"),
    "deputy.over_before_it_begins": _("Akhir masa tugas harus sesudah awalnya"),
    "calendar.no_day": _("Pilih tanggal yang ada di kalender"),
    "calendar.unchanged": _("Hari itu sudah tercatat demikian"),
    "unit.code_taken": _("Kode unit itu sudah dipakai"),
}

# Code of a refusal -> sentence; names in it come from the error's facts.
ERRORS: Words = {
    "task.taken": _("Tugas ini sudah diambil oleh %(by)s."),
    "task.done": _("Tugas ini sudah diselesaikan oleh %(by)s."),
    "task.cancelled": _("Tugas ini sudah dibatalkan oleh jalannya proses."),
    "task.stale": _("Kasus ini berubah sejak formulir dibuka."),
    "task.four_eyes": _("Tugas ini harus dikerjakan orang lain daripada langkah sebelumnya."),
    "task.not_entitled": _("Tugas ini bukan untuk peran Anda."),
    "task.unfit_assignee": _("Petugas itu tidak dapat mengerjakan tugas ini."),
    "process.ended": _("Prosesnya sudah selesai."),
    "process.suspended": _("Kasus ini sedang ditangguhkan; tidak ada langkah yang dapat dikerjakan sampai dilanjutkan."),
    "process.not_suspended": _("Kasus ini tidak sedang ditangguhkan."),
    "process.moved_on": _("Kasus ini berubah sejak pratinjau dibuka. Lihat pratinjaunya sekali lagi."),
    "migration.hindered": _("Kasus ini tidak dapat dipindahkan begitu saja."),
    "migration.other_type": _("Kedua versi itu bukan dari jenis kasus yang sama."),
    "migration.same_version": _("Versi asal dan versi tujuan sama."),
    "migration.unknown_risk": _("Ada risiko yang tidak dikenal."),
    "migration.busy": _("Masih ada perpindahan lain dari versi itu yang belum selesai."),
    "migration.not_migrated": _("Kasus ini tidak dipindahkan, atau perpindahannya sudah dibatalkan."),
    "migration.acted": _("Sudah ada yang mengerjakan kasus ini sejak dipindahkan; perpindahan tidak dapat dibatalkan."),
    "message.unawaited": _("Kiriman ini sudah tidak ditunggu: tahapnya telah lewat."),
    "case.closed": _("Kasus ini sudah ditutup."),
    "submission.bad_key": _("Formulir ini sudah tidak berlaku. Buka kembali halamannya, lalu kirim sekali lagi."),
    "duplicate.unsuggested": _("Tidak ada laporan lain yang diduga sama."),
    "duplicate.circular": _("Laporan itu sendiri sudah dihubungkan ke laporan ini."),
    "duplicate.dismissed": _("Laporan itu sudah dinyatakan bukan laporan yang sama."),
    "duplicate.linked": _("Laporan itu sudah dihubungkan sebagai laporan ganda."),
    "item.unknown": _("Tidak ada objek dengan nomor itu."),
    "item.not_recorded": _("Objek ini tidak lagi dihitung, jadi tidak diperbaiki."),
    "giver.unknown": _("Pemberi itu tidak ditemukan."),
    "giver.unrelated": _("Kedua pemberi itu memberi kepada penerima yang berbeda."),
    "giver.settled": _("Keduanya sudah dinyatakan orang yang sama."),
    "giver.joined_elsewhere": _("Keduanya dihubungkan lewat pemberi ketiga. Pisahkan di sana dahulu."),
    "item.unknown": _("Tidak ada objek dengan nomor itu."),
    "item.not_recorded": _("Objek ini tidak lagi dihitung, jadi tidak diperbaiki."),
    "giver.unknown": _("Pemberi itu tidak ditemukan."),
    "giver.unrelated": _("Kedua pemberi itu memberi kepada penerima yang berbeda."),
    "giver.settled": _("Keduanya sudah dinyatakan orang yang sama."),
    "giver.joined_elsewhere": _("Keduanya dihubungkan lewat pemberi ketiga. Pisahkan di sana dahulu."),
    "receipt.unknown": _("Kode itu tidak membuka laporan mana pun."),
    "report.not_allowed": _("Jenis laporan ini tidak dapat disampaikan dari sini."),
    "calendar.unchanged": _("Hari itu sudah tercatat demikian."),
    "report.too_many": _("Sehari paling banyak %(most)s cetakan; coba lagi besok."),
    "report.not_ready": _("Laporan itu belum selesai dicetak."),
    "letter.not_printed": _("Surat itu belum selesai dicetak."),
    "incident.not_retryable": _("Gangguan ini tidak dapat dicoba ulang begitu saja; perbaiki penyebabnya dahulu."),
    "incident.resolved": _("Gangguan ini sudah diselesaikan."),
    "process.running": _("Proses kasus ini sudah berjalan."),
    "task.not_waiting": _("Tugas ini tidak lagi menunggu."),
    "start.unawaited": _("Proses ini tidak dimulai dengan cara itu."),
    "timer.not_running": _("Pengatur waktu itu tidak lagi berjalan."),
    "answers.invalid": _("Ada isian yang perlu diperbaiki."),
    "sign_in.busy": _("Terlalu banyak orang masuk pada saat yang sama. Coba lagi sebentar."),
    "evidence.not_ready": _("Berkas sedang disiapkan. Coba lagi sebentar."),
    "evidence.copy_failed": _("Berkas ini tidak dapat disalin dengan aman; petugas sedang memeriksanya."),
    "second_factor.enrolled": _("Kode masuk sudah terdaftar."),
    "second_factor.none": _("Tidak ada kode masuk yang terdaftar."),
    "second_factor.not_begun": _("Mulailah pendaftaran kode dari awal."),
    "user.deactivated": _("Pengguna itu sudah dinonaktifkan."),
    "administrator.exists": _("Sudah ada pengelola yang aktif."),
    "role.held": _("Peran itu sudah dipegang."),
    "role.last_keeper": _("Harus tetap ada seorang pengelola."),
    "deputy.overlaps": _("Sudah ada pelaksana tugas untuk masa itu."),
    "deputy.ended": _("Masa tugas itu sudah berakhir."),
}


def label(kind: str, value: Any) -> str:
    """Give the words for a member of an enum; the member itself stays visible when nobody has named it."""
    words = LABELS[kind].get(str(value))
    return str(value) if words is None else str(words)


def error_sentence(error: AmanahError) -> str:
    """Give the sentence for a refusal, with its facts filled in."""
    sentence = ERRORS.get(error.code)
    if sentence is None:
        return gettext("Permintaan ini tidak dapat dijalankan.")
    return fill(str(sentence), error.facts)


def problem_sentence(code: str, facts: Mapping[str, Any], question: str = "") -> str:
    """Give the sentence for what is wrong with an answer; `question` stands in where the facts do not name one."""
    words = {"label": question, **facts}
    if code.startswith("file"):
        words |= {name: file_size(value) for name, value in facts.items() if name in {"limit", "size"} and value > 1000}
    return fill(str(PROBLEMS.get(code, _("“%(label)s”: periksa isian ini"))), words)


def fill(sentence: str, facts: Mapping[str, Any]) -> str:
    """Fill facts into a sentence; a fact that is missing leaves a dash rather than an error page."""
    return sentence % _Facts(facts)


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "–"
