"""The verbs that write a model in a form that other programs run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from qa_core.cli.options import JsonOption, ModelOption

app = typer.Typer(no_args_is_help=True, help="Write a model in a form that other programs run.")
# By the name of the verb: what `qa_core.models.onnx.export` calls it, its help, a file's name.
FORMS = {
    "onnx": ("int8", "Write a model as an ONNX graph with its products in 8 bits.", "reader.onnx"),
    "onnx-fp32": ("fp32", "Write a model as an ONNX graph in full precision.", "reader.onnx"),
    "packed": ("packed", "Write a model's weights in 8 bits, as safetensors.", "model.safetensors"),
    "tokenizer": ("tokenizer", "Write a model's tokenizer as a tokenizer.json.", "tokenizer.json"),
}


def _verb(name: str, kind: str, what: str, file: str) -> None:
    @app.command(
        name, help=what, epilog=f"Example: spanloop export {name} --model runs/mine --output {file}"
    )
    def write(
        output: Annotated[Path, typer.Option(help="File to write.")],
        model: ModelOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from qa_core.errors import ModelError
        from qa_core.models.onnx.export import build
        from qa_core.models.versions import folder_of

        if output.exists():
            raise ModelError(f"expected a new file, found {output}: choose another name")
        folder = folder_of(model)
        output.parent.mkdir(parents=True, exist_ok=True)
        build(kind, folder, output)
        if as_json:
            typer.echo(json.dumps({"output": str(output), "bytes": output.stat().st_size}))
        else:
            typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


for verb, form in FORMS.items():
    _verb(verb, *form)
