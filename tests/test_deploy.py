"""The files of docs/deploy are sound by the schemas of what reads them, and agree with the program."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from filelock import FileLock

from qa.service import AnswerService
from qa.settings import SETTINGS, Settings
from web.app import create_app
from web.records.accounts import VIEWER

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
OLDEST_KUBERNETES = "1.32"
MANIFESTS = sorted(DEPLOY.glob("kubernetes/[!k]*.yaml"))
OBJECTS = [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def read(name):
    return (DEPLOY / name).read_text(encoding="utf-8")


def found(key, inside):
    """Every value that a key has, however deep."""
    if isinstance(inside, dict):
        yield from ([inside[key]] if key in inside else [])
    for each in inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else []:
        yield from found(key, each)


def names(kind):
    return {each["metadata"]["name"] for each in OBJECTS if each["kind"] == kind}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path):
    assert set(re.findall(r"\bQA_[A-Z_]+\b", path.read_text(encoding="utf-8"))) <= {s.variable for s in SETTINGS}


def test_compose_takes_its_file():
    subprocess.run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"],
                   check=True, capture_output=True)


@pytest.mark.parametrize("given", OBJECTS, ids=lambda given: f"{given['kind']} {given['metadata']['name']}")
def test_kubernetes_takes_its_objects(given):
    for version in (OLDEST_KUBERNETES, kubernetes_validate.latest_version()):
        kubernetes_validate.validate(given, version, strict=True)


def test_kubernetes_finds_what_its_objects_name():
    kustomization = yaml.safe_load(read("kubernetes/kustomization.yaml"))
    assert set(kustomization["resources"]) == {path.name for path in MANIFESTS}
    assert set(found("claimName", OBJECTS)) == names("PersistentVolumeClaim")
    assert {each["name"] for each in found("service", OBJECTS)} == names("Service")
    assert {each["name"] for each in found("configMapRef", OBJECTS)} == {each["name"] for each in kustomization["configMapGenerator"]}
    assert set(found("image", OBJECTS)) == {each["name"] for each in kustomization["images"]}
    for pod in found("template", OBJECTS):
        volumes = {each["name"] for each in pod["spec"]["volumes"]}
        assert {each["name"] for mounts in found("volumeMounts", pod) for each in mounts} == volumes


def test_what_listens_is_what_is_called():
    port = str(Settings().port)
    assert re.findall(r"server 127\.0\.0\.1:(\d+);", read("nginx.conf")) == [port]
    assert re.findall(r"^EXPOSE (\d+)$", read("Dockerfile"), re.MULTILINE) == [port]
    assert {str(each) for each in found("containerPort", OBJECTS)} == {port}
    services = yaml.safe_load(read("compose.yaml"))["services"]
    assert {each.rpartition(":")[2] for service in services.values() for each in service.get("ports", [])} == {port}


def test_what_is_probed_is_there(service):
    paths = {probe["path"] for probe in found("httpGet", OBJECTS)}
    paths |= set(re.findall(r"http://127\.0\.0\.1:8000(/\w+)", read("Dockerfile") + read("report-qa.service")))
    client = create_app(service, service.settings).test_client()
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_the_image_is_made_of_what_is_there():
    sources = re.findall(r"^COPY (\S+)", read("Dockerfile"), re.MULTILINE)
    assert sources
    assert [name for name in sources if not (ROOT / name).exists()] == []


def test_the_shipped_models_do_without_what_the_image_leaves_out(tmp_path, tiny_reports):
    left_out = re.search(r"grep -vE '\^\((.*)\)=='", read("Dockerfile"))[1].split("|")
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert [name for name in left_out if f"\n{name}==" not in pinned] == []
    modules = {name.replace("-", "_") for name in left_out}
    program = f"import sys; from qa.__main__ import main; sys.exit(main() or ' '.join({modules} & set(sys.modules)) or None)"
    for arguments in (["index", tiny_reports], ["ask", "班列何时发车？"]):
        done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, env=os.environ | {"QA_HOME": str(tmp_path / "home")},
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_copy_is_whole_and_waits_for_the_writer(tmp_path, tiny_reports, encoder):
    if not shutil.which("sqlite3"):
        pytest.skip("needs sqlite3: apt-get install sqlite3")
    settings, copy = Settings(home=tmp_path / "home"), Settings(home=tmp_path / "copy")
    AnswerService.index(settings, [tiny_reports], encoder=encoder)
    app = create_app(AnswerService.open(settings, encoder), settings)
    app.extensions["desk"].accounts.add("李", "long enough", VIEWER)
    with FileLock(settings.home / "library.lock"):
        backup = subprocess.Popen([DEPLOY / "backup.sh", settings.home, copy.home])
        with pytest.raises(subprocess.TimeoutExpired):
            backup.wait(timeout=0.5)
        assert not copy.home.exists()
    assert backup.wait(timeout=20) == 0
    shutil.rmtree(settings.home)
    restored = create_app(AnswerService.open(copy, encoder), copy)
    client = restored.test_client()
    documents = client.get("/api/v1/documents").json["documents"]
    assert [client.get(f"/reports/{each['id']}/original", buffered=True).status_code for each in documents] == [200] * 4
    assert client.post("/api/v1/ask", json={"question": "班列何时发车？"}).json["passages"]
    assert [account.name for account in restored.extensions["desk"].accounts.all()] == ["李"]


def test_systemd_takes_its_unit(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    unit = tmp_path / "report-qa.service"
    unit.write_text(read("report-qa.service").replace("/opt/report-qa/.venv/bin/python", sys.executable).replace("/opt/report-qa", str(ROOT)), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
