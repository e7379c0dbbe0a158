"""What the repository as a whole keeps to: what may lie in it, what it may name, and that its papers tell the truth."""

import ast
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LARGEST_BYTES = 600 * 1024
BROAD_EXCEPTS = 3
ASKED = ("requirements.in", "requirements-dev.in", "requirements-onscreen.in")

# Written with a gap, so that this file does not hold what it looks for.
HOSTS = tuple(name.replace("_", "") for name in ("py_pi.org", "python_hosted", "npm_js.", "deb._debian", "/simp_le/"))
MACHINE_PATH = re.compile(r"(?<![\w.~$}/])/(?:work|root|home/\w+|Users/\w+|tmp/\w+)/\w")
PATH_FREE = {"tests"}  # tests hand such paths to the code under test as data


def tracked(*patterns: str) -> list[Path]:
    """Return the files that are in the repository or would be added to it."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [file for name in listed.stdout.decode().split("\0") if name and (file := ROOT / name).is_file()]


def names_in(requirements: str) -> list[str]:
    """Return the distribution names a requirements file asks for itself."""
    lines = (ROOT / requirements).read_text("utf-8").splitlines()
    return [match[0] for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))]


def pins_in(lock: str) -> set[str]:
    """Return the lines of a lock file that name a version, without their hashes."""
    return {line.rstrip(" \\") for line in (ROOT / lock).read_text("utf-8").splitlines() if line[:1].isalnum()}


def is_broad(node: ast.AST) -> bool:
    """Tell whether a handler catches everything: bare, ``Exception`` or ``BaseException``, alone or in a tuple."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in caught)


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the operator's setting: no lock file, script or page carries a registry's address."""
    named = [
        f"{file.relative_to(ROOT)}: {host}"
        for file in tracked()
        for host in HOSTS
        if host.encode() in file.read_bytes()
    ]
    assert named == []


def test_no_file_names_a_path_of_one_machine() -> None:
    """The product runs from any folder of any machine, so no file names one."""
    files = [file for file in tracked() if file.relative_to(ROOT).parts[0] not in PATH_FREE]
    named = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert named == []


def test_no_large_file() -> None:
    """Footage is made when a test runs, never committed."""
    large = [str(file.relative_to(ROOT)) for file in tracked() if file.stat().st_size > LARGEST_BYTES]
    assert large == []


@pytest.mark.parametrize("requirements", ASKED)
def test_every_dependency_is_explained(requirements: str) -> None:
    """docs/dependencies.md says of each package what it is for and why it and not another."""
    explained = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert [name for name in names_in(requirements) if f"| `{name}` |" not in explained] == []


def test_every_explained_dependency_is_asked_for() -> None:
    """docs/dependencies.md does not go on about what has left."""
    explained = re.findall(r"^\| `([\w.-]+)` \|", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)
    assert Counter(explained) == Counter(name for asked in ASKED for name in names_in(asked))


def test_the_locks_agree() -> None:
    """The test list holds every package of the running list at the same version."""
    assert pins_in("requirements.lock") <= pins_in("requirements-dev.lock")


@pytest.mark.parametrize("name", [asked.removesuffix(".in") for asked in ASKED])
def test_the_lock_holds_what_is_asked_for(name: str) -> None:
    """A package added to a list but not locked fails here and not on a customer's machine."""
    locked = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins_in(f"{name}.lock")}
    assert [asked for asked in names_in(f"{name}.in") if re.sub(r"[-_.]+", "-", asked).lower() not in locked] == []


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "requirements-onscreen.lock"])
def test_every_locked_package_has_a_hash(lock: str) -> None:
    """Nothing is installed that was not there when the list was made."""
    text = (ROOT / lock).read_text("utf-8")
    packages = re.findall(r"^[a-z0-9].*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_packaging_lists_every_package() -> None:
    """Each package in the tree is installed with the project, and none is listed that the house does not have."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    listed = set(setuptools["packages"]["find"]["include"])
    there = {file.parent.name for file in tracked("*/__init__.py") if file.parent.parent == ROOT} - {"tests"}
    assert [name for name in sorted(there) if not {name, f"{name}.*"} <= listed] == []


def test_broad_excepts_are_few() -> None:
    """Catching everything stands in three places at most, so that nothing is swallowed by habit."""
    broad = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in tracked("*.py", "evidock")
        if "tests" not in file.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler) and is_broad(node)
    ]
    assert len(broad) <= BROAD_EXCEPTS, broad


@pytest.mark.parametrize(
    ("handler", "broad"),
    [("", True), (" Exception", True), (" (OSError, BaseException) as e", True), (" (OSError, ValueError)", False)],
)
def test_a_planted_broad_except_is_seen(handler: str, broad: bool) -> None:
    """Every way to write a catch-all counts as one."""
    tree = ast.parse(f"try:\n    pass\nexcept{handler}:\n    pass")
    assert any(map(is_broad, ast.walk(tree))) is broad


def test_an_old_interpreter_can_read_the_launcher() -> None:
    """Python 3.6 parses `evidock`, so that it can say which version it needs."""
    ast.parse((ROOT / "evidock").read_text("utf-8"), feature_version=(3, 6))
