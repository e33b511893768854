import click
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer


@click.group()
@click.option("--device", default="cpu")
@click.pass_context
def cli(context, device):
    context.obj = device


@cli.command()
@click.argument("adapter", type=click.Path(exists=True))
@click.argument("output", type=click.Path())
@click.pass_obj
def merge(device, adapter, output):
    """Merge ADAPTER and write the model to OUTPUT."""
    model = AutoPeftModelForCausalLM.from_pretrained(adapter, device_map=device)
    model.merge_and_unload()  # expect: PEFT501
    model.save_pretrained(output)
    click.echo(f"wrote {output}")


@cli.command()
@click.argument("adapter", type=click.Path(exists=True))
@click.option("--prompt", "-p", multiple=True)
@click.pass_obj
def ask(device, adapter, prompt):
    """Print what the model with ADAPTER makes of the prompts."""
    tokenizer = AutoTokenizer.from_pretrained(adapter)
    model = AutoPeftModelForCausalLM.from_pretrained(adapter, device_map=device)
    model.merge_and_unload()
    for text in prompt:
        with torch.no_grad():
            ids = model.generate(**tokenizer(text, return_tensors="pt").to(device), max_new_tokens=50)
        click.echo(tokenizer.decode(ids[0], skip_special_tokens=True))


if __name__ == "__main__":
    cli()
