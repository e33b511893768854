"""Folders made to harm the reader: each is refused or reported, quickly, in little memory, and nothing of it
runs.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from peftlint.runtime.folder import patterns, safetensors_file
from peftlint.runtime.folder.audit import AuditResult, audit
from tests.runtime.folders import lora_config, lora_tensors, write


def only_error(result: AuditResult) -> str:
    assert [d.code for d in result.diagnostics] == []
    (error,) = result.errors
    return error.message


def header(text: bytes, length: int | None = None) -> bytes:
    return (len(text) if length is None else length).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "0 bytes long"),
        (b"\x00" * 7, "7 bytes long"),
        (header(b"{}", 2**63), "truncated"),
        (header(b"not json"), "not JSON"),
        (header(b"[]"), "not a JSON object"),
        (header(b"[" * 100_000), "not JSON"),
        (header(b'{"a": 1}'), "malformed"),
        (header(b'{"a": {"dtype": "F32", "shape": [1e99], "data_offsets": [0, 4]}}'), "malformed"),
        (header(b'{"a": {"dtype": "F32", "shape": [1000000], "data_offsets": [0, 4000000]}}'), "truncated"),
        (header(b'{"a": {"dtype": "F32", "shape": [281474976710000], "data_offsets": [0, 8]}}'), "bytes"),
        (header(b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, -4]}}'), "malformed"),
        (header(b'{"a": {"dtype": "X9", "shape": [1], "data_offsets": [0, 4]}}'), "not known"),
    ],
)
def test_bad_safetensors(tmp_path: Path, raw: bytes, message: str) -> None:
    folder = write(tmp_path)
    (folder / "adapter_model.safetensors").write_bytes(raw)
    assert message in only_error(audit([folder]))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"not json", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"{", "not a JSON object"),
        (b'{"a": 1}', "not a JSON object"),
        (b'{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}', "not a JSON object"),
        (b'{"a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}} x', "not a JSON object"),
        (b'{"a": {"dtype": "F32", "shape": [{}], "data_offsets": [0, 4]}}', "not a JSON object"),
        (b'{"a": {dtype}}', "not JSON"),
        (b'{"a": {"dtype": "F32"}}', "malformed"),
        (b'{"__metadata__": {"a": "b"', "not JSON"),
        (b'{"__metadata__": ' + b"[" * 2**23, "not JSON"),
        (b'{"' + b"a" * 2**23, "not a JSON object"),
        (b'{"' + b"\\\\" * 2**22, "not a JSON object"),
        (b"{" + b" " * 2**23, "not a JSON object"),
        (b'{"a": {' + b"[" * 2**23, "not a JSON object"),
        (b"\xff", "not JSON"),
    ],
    ids=range(16),
)
def test_long_headers_are_read_entry_by_entry(
    tmp_path: Path, raw: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safetensors_file, "_SMALL_HEADER", 8 if len(raw) < 2**20 else 2**20)
    folder = write(tmp_path)
    padded = raw + b" " * max(0, 16 - len(raw))
    (folder / "adapter_model.safetensors").write_bytes(header(padded) + b"\0" * 8)
    assert message in only_error(audit([folder]))


def test_long_and_short_headers_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors.numpy import save_file

    tensors = {f'a"\\{{ü}}.{i}': np.full((i,), i, "float32") for i in range(20)}
    save_file(tensors, tmp_path / "t.safetensors", metadata={"a{": '}"\\', "b": "[{"})
    short = safetensors_file.read_safetensors(tmp_path / "t.safetensors")
    monkeypatch.setattr(safetensors_file, "_SMALL_HEADER", 600)
    assert safetensors_file.read_safetensors(tmp_path / "t.safetensors") == short
    assert len(short) == 20


def mutated(raw: bytes, source: random.Random) -> bytes:
    """Some bytes changed, removed or put in, mostly near the beginning or the end, where headers are."""
    text = bytearray(raw)
    for _ in range(source.choice((1, 1, 2, 5, 20))):
        place = source.choice(
            (source.randrange(1500), source.randrange(len(text)), -source.randrange(1, 1500))
        )
        place = max(0, min(place if place >= 0 else len(text) + place, len(text) - 1))
        match source.randrange(5):
            case 0:
                text[place] = source.randrange(256)
            case 1:
                del text[place : place + source.randrange(1, 50)]
            case 2:
                text[place:place] = source.randbytes(source.randrange(1, 20))
            case 3:
                text[place : place + 8] = source.choice((b"\xff", b"\0", b"9")) * 8
            case _:
                del text[place + 1 :]
        text = text or bytearray(b"x")
    return bytes(text)


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"])
def test_damaged_files_are_errors_or_findings(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path)
    if name.endswith(".bin"):
        torch = pytest.importorskip("torch")
        (folder / "adapter_model.safetensors").unlink()
        torch.save({key: torch.tensor(value) for key, value in lora_tensors().items()}, folder / name)
    whole, source = (folder / name).read_bytes(), random.Random(20240517)
    refused = 0
    for _ in range(400):
        (folder / name).write_bytes(mutated(whole, source))
        refused += bool(audit([folder]).errors)
    assert refused > 200


def test_more_tensors_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors_file, "MOST_TENSORS", 7)
    assert "more than 7 tensors" in only_error(audit([write(tmp_path)]))


def test_header_longer_than_allowed(tmp_path: Path) -> None:
    folder = write(tmp_path)
    with open(folder / "adapter_model.safetensors", "wb") as file:
        file.write((2**34).to_bytes(8, "little"))
        file.truncate(2**35)  # a sparse file: it says it has 32 GB
    assert "is refused" in only_error(audit([folder]))


def test_sparse_values_are_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path)
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    entry = {name: {"dtype": "F32", "shape": [4, 2**34], "data_offsets": [0, 2**38]}}
    text = json.dumps(entry).encode()
    with open(folder / "adapter_model.safetensors", "wb") as file:
        file.write(header(text))
        file.truncate(8 + len(text) + 2**38)
    result = audit([folder])
    assert "too large" in result.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1]", "not an object"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"r": ' + "9" * 100_000 + "}", "number too long"),
        ("\x00\xff", "not UTF-8"),
    ],
)
def test_bad_config(tmp_path: Path, text: str, message: str) -> None:
    folder = write(tmp_path)
    (folder / "adapter_config.json").write_bytes(text.encode("latin-1"))
    assert message in only_error(audit([folder]))


def test_config_error_has_its_line(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "adapter_config.json").write_text('{\n  "r": 4,\n}')
    (error,) = audit([folder]).errors
    assert (error.line, error.path) == (3, str(folder / "adapter_config.json"))


def test_huge_config(tmp_path: Path) -> None:
    folder = write(tmp_path)
    with open(folder / "adapter_config.json", "wb") as file:
        file.truncate(2**36)
    assert "larger than" in only_error(audit([folder]))


def test_every_value_of_a_strange_type(tmp_path: Path) -> None:
    """No value that JSON can hold makes the audit fail."""
    for value in (
        None,
        True,
        0,
        -1,
        1.5,
        10**400,
        "",
        "x" * 10_000,
        [],
        [None],
        [[["q"]]],
        {},
        {"q_proj": "x"},
        {"": None},
    ):
        folder = write(tmp_path, config={key: value for key in lora_config()} | {"peft_type": "LORA"})
        assert not audit([folder]).errors
        assert not audit([write(tmp_path, config=dict.fromkeys(lora_config(), value))]).errors


def test_pipe_and_device(tmp_path: Path) -> None:
    folder = write(tmp_path)
    weights = folder / "adapter_model.safetensors"
    weights.unlink()
    os.mkfifo(weights)
    assert "not a regular file" in only_error(audit([folder]))
    weights.unlink()
    weights.symlink_to("/dev/zero")
    assert "not a regular file" in only_error(audit([folder]))
    weights.unlink()
    weights.symlink_to(weights)
    assert "cannot be opened" in only_error(audit([folder]))


def test_links_to_files_are_followed_and_loops_of_folders_are_not(tmp_path: Path) -> None:
    """The hub's cache is made of links to files."""
    blobs = write(tmp_path / "blobs")
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    for file in blobs.iterdir():
        (snapshot / file.name).symlink_to(file)
    (snapshot / "loop").symlink_to(snapshot)
    result = audit([snapshot])
    assert (result.errors, result.diagnostics, len(result.adapters)) == ([], [], 1)


def torch_zip(folder: Path, raw: bytes, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    (folder / "adapter_model.safetensors").unlink(missing_ok=True)
    with zipfile.ZipFile(folder / "adapter_model.bin", "w", compression) as archive:
        archive.writestr("m/data.pkl", raw)
        for name, data in members.items():
            archive.writestr(f"m/data/{name.strip('_')}", data)
    return folder


class Harmful:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.file}",)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_pickle_is_not_run(tmp_path: Path, protocol: int) -> None:
    folder = write(tmp_path)
    raw = pickle.dumps({"a": Harmful(tmp_path / "ran")}, protocol=protocol)
    result = audit([torch_zip(folder, raw)])
    assert [d.code for d in result.diagnostics] == ["PEFT547"] or "plain dictionary" in result.errors[
        0
    ].message
    assert [d.code for d in result.diagnostics] == ["PEFT547"] or protocol < 2
    (folder / "adapter_model.bin").write_bytes(raw)
    assert "bare pickle" in only_error(audit([folder]))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x02.",
        b"\x80\x02r\xff\xff\xff\xff.",  # LONG_BINPUT into memo place 4294967295
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",  # BINUNICODE8 of 2**63 bytes
        b"\x80\x02}" + b"(" * 100_000 + b"u.",
        # t = ((((...))))) doubled 60 times and used as a key: hashing it would take for ever
        b"\x80\x02}(K\x01\x85" + b"q\x00h\x00\x86" * 60 + b"K\x01u.",
        b"\x80\x02]" + b"q\x00h\x00a" * 1000 + b".",
    ],
)
def test_pickle_that_would_exhaust(tmp_path: Path, raw: bytes) -> None:
    assert only_error(audit([torch_zip(write(tmp_path), raw)]))


def test_zip_bombs(tmp_path: Path) -> None:
    folder = write(tmp_path)
    torch_zip(folder, b"\x00" * 2**22, zipfile.ZIP_DEFLATED)
    assert "compressed" in only_error(audit([folder]))
    torch_zip(folder, b"\x80\x02}.")
    raw = bytearray((folder / "adapter_model.bin").read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 20 : central + 28] = (2**31).to_bytes(4, "little") * 2
    (folder / "adapter_model.bin").write_bytes(bytes(raw))
    assert "more bytes than the file has" in only_error(audit([folder]))
    (folder / "adapter_model.bin").write_bytes(b"PK\x03\x04" + b"\x00" * 100)
    assert "damaged" in only_error(audit([folder]))


def test_torch_file(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    folder = write(tmp_path)
    from safetensors.torch import load_file

    state = load_file(folder / "adapter_model.safetensors")
    (folder / "adapter_model.safetensors").unlink()
    torch.save(state, folder / "adapter_model.bin")
    assert audit([folder]).diagnostics == audit([folder]).errors == []
    state = {
        name: value * 0 if "lora_B" in name else value.to(torch.bfloat16) for name, value in state.items()
    }
    torch.save(state, folder / "adapter_model.bin")
    assert [d.code for d in audit([folder]).diagnostics] == ["PEFT522"]
    buffer = io.BytesIO()
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    (folder / "adapter_model.bin").write_bytes(buffer.getvalue())
    assert "bare pickle" in only_error(audit([folder]))


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(.*)*x", r"(\w|\w\w)*!", r".*.*.*.*.*.*.*.*.*.*x"])
def test_costly_patterns(tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    names = ["model.layers.0." + "a" * 60]
    with contextlib.suppress(patterns.PatternTooCostly):
        assert patterns.fullmatches(pattern, names) == frozenset()
    folder = write(tmp_path, config=lora_config(target_modules=pattern))
    assert {d.code for d in audit([folder]).diagnostics} <= {"PEFT556", "PEFT531"}


def test_absurd_base(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    folder = write(tmp_path / "adapter")
    base = tmp_path / "config.json"
    base.write_text(json.dumps({"model_type": "llama", "num_hidden_layers": 10**9}))
    assert "is refused" in audit([folder], base=base).errors[0].message
    base.write_text(
        json.dumps(
            {
                "model_type": "llama",
                "auto_map": {"AutoConfig": "evil.py"},
                "architectures": ["os"],
                "num_hidden_layers": 1,
            }
        )
    )
    assert not (result := audit([folder], base=base)).errors, result.errors
