"""click group: merge and push."""
import click
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@click.group()
def cli():
    pass


@cli.command()
@click.argument("base")
@click.argument("adapter")
@click.option("--out", required=True)
@click.option("--safe/--unsafe", default=True)
def merge(base, adapter, out, safe):
    model = AutoModelForCausalLM.from_pretrained(base, device_map="cpu")
    model = PeftModel.from_pretrained(model, adapter)
    model.merge_and_unload(safe_merge=safe)  # expect: PEFT501
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(base).save_pretrained(out)
    click.echo(f"written to {out}")


@cli.command()
@click.argument("path")
def show(path):
    click.echo(open(path).read())


if __name__ == "__main__":
    cli()
