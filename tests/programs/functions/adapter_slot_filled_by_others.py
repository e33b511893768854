"""Helpers that are given a model, add an adapter from a saved config, and have its weights come from elsewhere."""

from peft import PeftConfig, set_peft_model_state_dict
from peft.utils.hotswap import hotswap_adapter
from torch.optim import AdamW
from transformers import Trainer

from myproject.models import load_model, receive, restore


def from_the_wire(model, template, socket):
    model.add_adapter("slot", PeftConfig.from_pretrained(template))
    set_peft_model_state_dict(model, receive(socket), adapter_name="slot")
    model.set_adapter("slot")


def swapped_in(model, template, folder):
    model.add_adapter("slot", PeftConfig.from_pretrained(template))
    hotswap_adapter(model, folder, adapter_name="slot")
    return model.generate(max_new_tokens=5)


def restored(name):
    model = load_model(name)
    model.add_adapter("slot", PeftConfig.from_pretrained("adapters/math"))
    model = restore(model, name)
    model.set_adapter("slot")
    return model


def patched(model):
    model.add_adapter("slot", PeftConfig.from_pretrained("adapters/math"))
    model.load_weights("math")
    model.set_adapter("slot")


def trained_by_a_trainer(model, dataset):
    model.add_adapter("new", PeftConfig.from_pretrained("adapters/math"))
    model.set_adapter("new")
    trainer = Trainer(model=model, train_dataset=dataset)
    trainer.train()


def trained_in_a_loop(model, batches):
    model.add_adapter("new", PeftConfig.from_pretrained("adapters/math"))
    model.set_adapter("new")
    optimizer = AdamW(model.parameters())
    for batch in batches:
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
