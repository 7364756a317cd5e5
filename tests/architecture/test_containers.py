"""The containers keep their promises: no engine runs in the tests, so the files themselves are read."""

import copy
import re

import pytest
import yaml

from databases import REPOSITORY
from workflows.machine import PRINTING_LIBRARIES

CADDYFILE = (REPOSITORY / "webapp" / "deploy" / "Caddyfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile():
    return (REPOSITORY / "webapp" / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_every_part_of_the_installation_is_there(compose):
    assert set(compose["services"]) == {"database", "prepare", "web", "worker", "proxy", "mailbox"}


def test_web_worker_and_upkeep_are_one_image(compose):
    images = {compose["services"][name]["image"] for name in ("prepare", "web", "worker")}

    assert len(images) == 1


def test_there_are_several_workers(compose):
    assert compose["services"]["worker"]["deploy"]["replicas"] > 1


@pytest.mark.parametrize("service", ["database", "web", "worker", "proxy", "mailbox"])
def test_everything_that_stays_has_a_health_check(compose, service):
    assert compose["services"][service]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", ["web", "worker"])
def test_nothing_starts_before_the_database_is_prepared(compose, service):
    wanted = compose["services"][service]["depends_on"]

    assert wanted["prepare"]["condition"] == "service_completed_successfully"
    assert wanted["database"]["condition"] == "service_healthy"


def test_secrets_come_from_files_and_never_from_the_environment(compose):
    assert all("file" in secret for secret in compose["secrets"].values())
    for name, service in compose["services"].items():
        for variable in service.get("environment", {}):
            assert (
                variable.endswith("_FILE")
                or not re.search(r"PASSWORD|SECRET|TOKEN|_URL$", variable)
                or (variable == "PUBLIC_URL")
            ), f"{name}: {variable}"


def test_every_setting_of_an_office_reaches_its_containers(compose):
    told = set(compose["services"]["worker"]["environment"])
    told |= {name.removesuffix("_FILE") for name in told}
    settings = (REPOSITORY / "workflows" / "settings.py").read_text(encoding="utf-8")
    known = set(re.findall(r'"((?:OFFICE|SMTP|MAIL|WHATSAPP|SEAL)_[A-Z_]+)"', settings))

    # Where the service for telephones is, the settings know by themselves.
    assert known - told == {"WHATSAPP_URL"}


def test_every_secret_that_is_mounted_is_declared_and_made(compose):
    script = (REPOSITORY / "webapp" / "deploy" / "make_secrets.py").read_text(encoding="utf-8")
    mounted = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}

    assert mounted == set(compose["secrets"])
    assert all(f'"{name}"' in script for name in mounted)


def test_only_the_proxy_is_open_to_the_street(compose):
    open_to_all = {
        name
        for name, service in compose["services"].items()
        for port in service.get("ports", [])
        if not port.startswith("127.0.0.1:")
    }

    assert open_to_all == {"proxy"}


def test_the_database_is_reached_from_inside_only(compose):
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize("service", ["prepare", "web", "worker"])
def test_our_containers_can_write_nowhere_and_gain_no_rights(compose, service):
    wanted = compose["services"][service]

    assert wanted["read_only"] is True
    assert wanted["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in wanted["security_opt"]


def test_every_volume_that_is_used_is_declared(compose):
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }

    assert used == set(compose["volumes"])


def test_every_image_names_its_version(compose, dockerfile):
    images = [service["image"] for service in compose["services"].values()]
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)

    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def test_the_proxy_knows_the_web_by_its_name_and_port(compose):
    bind = compose["services"]["web"]["environment"]["WEB_BIND"]

    assert f"reverse_proxy web:{bind.rsplit(':')[-1]}" in CADDYFILE
    assert compose["services"]["web"]["environment"]["TRUSTED_PROXIES"] == "1"


def test_the_image_runs_as_nobody_in_particular(dockerfile):
    last_stage = dockerfile.rpartition("\nFROM ")[2]

    assert re.search(r"^USER amanah$", last_stage, re.MULTILINE)


def test_the_image_brings_what_printing_needs(dockerfile):
    packages = {
        "libgobject-2.0.so.0": "libpango-1.0-0",  # comes with it
        "libpango-1.0.so.0": "libpango-1.0-0",
        "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
        "libharfbuzz.so.0": "libpango-1.0-0",  # comes with it
        "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
        "libfontconfig.so.1": "libfontconfig1",
    }

    assert set(packages) == set(PRINTING_LIBRARIES)
    assert all(package in dockerfile for package in packages.values())


def test_packages_are_installed_by_hash_only(dockerfile):
    for line in dockerfile.splitlines():
        if "pip install" in line and "--no-deps" not in line:
            assert "--require-hashes" in line


def test_what_the_image_copies_by_name_is_there(dockerfile):
    for names in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        assert all((REPOSITORY / name).exists() for name in names.split())


# What each promise must not let pass: a guard, and what is put where in the file of the containers.
SPOILED = [
    (test_every_part_of_the_installation_is_there, "services.spy", {"image": "spy:1"}),
    (test_web_worker_and_upkeep_are_one_image, "services.worker.image", "other:1"),
    (test_there_are_several_workers, "services.worker.deploy.replicas", 1),
    (test_everything_that_stays_has_a_health_check, "services.web.healthcheck.test", ["NONE"]),
    (
        test_nothing_starts_before_the_database_is_prepared,
        "services.web.depends_on.prepare.condition",
        "service_started",
    ),
    (test_secrets_come_from_files_and_never_from_the_environment, "services.web.environment.SECRET_KEY", "x"),
    (test_secrets_come_from_files_and_never_from_the_environment, "secrets.secret_key", {"environment": "SECRET_KEY"}),
    (test_every_secret_that_is_mounted_is_declared_and_made, "secrets.forgotten", {"file": "x"}),
    (test_only_the_proxy_is_open_to_the_street, "services.database.ports", ["5432:5432"]),
    (test_the_database_is_reached_from_inside_only, "networks.inside.internal", False),
    (test_our_containers_can_write_nowhere_and_gain_no_rights, "services.web.read_only", False),
    (test_every_volume_that_is_used_is_declared, "volumes.forgotten", {}),
    (test_every_image_names_its_version, "services.proxy.image", "caddy:latest"),
    (test_the_proxy_knows_the_web_by_its_name_and_port, "services.web.environment.WEB_BIND", "0.0.0.0:9000"),
]


@pytest.mark.parametrize(("guard", "place", "value"), SPOILED, ids=[place for _, place, _ in SPOILED])
def test_each_promise_of_the_containers_is_guarded(compose, dockerfile, guard, place, value):
    spoiled = copy.deepcopy(compose)
    *path, last = place.split(".")
    found = spoiled
    for step in path:
        found = found[step]
    found[last] = value
    named = {"compose": spoiled, "dockerfile": dockerfile, "service": "web"}
    arguments = guard.__code__.co_varnames[: guard.__code__.co_argcount]

    with pytest.raises(AssertionError):
        guard(**{name: named[name] for name in arguments})


@pytest.mark.parametrize(
    ("guard", "was", "becomes"),
    [
        (test_the_image_runs_as_nobody_in_particular, "USER amanah", "USER root"),
        (test_the_image_brings_what_printing_needs, "libpangoft2-1.0-0", "libcairo2"),
        (test_packages_are_installed_by_hash_only, "--require-hashes ", ""),
        (test_what_the_image_copies_by_name_is_there, "COPY requirements-boot.txt", "COPY requirements-none.txt"),
    ],
)
def test_each_promise_of_the_image_is_guarded(dockerfile, guard, was, becomes):
    assert was in dockerfile

    with pytest.raises(AssertionError):
        guard(dockerfile.replace(was, becomes))
