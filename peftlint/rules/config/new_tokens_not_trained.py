"""New tokens get embeddings that nothing trains.

## What it does
Flags a LoRA config that leaves the embeddings alone, on a model whose vocabulary was grown for new tokens,
when the model is then trained.

## Why is this bad?
The new rows of the embedding are random, and PEFT freezes the embedding: no gradient ever reaches them
(measured: the batch holds the new tokens, and nothing of the embedding is trainable). The model cannot learn
what the tokens mean, and nothing warns.

## Example
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer

tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModelForCausalLM.from_pretrained(path)
tokenizer.add_tokens(["<think>", "</think>"])
model.resize_token_embeddings(len(tokenizer))
model = get_peft_model(model, LoraConfig(target_modules=["q_proj", "v_proj"]))
Trainer(model=model, args=args, train_dataset=data).train()
```

## Use instead
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer

tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModelForCausalLM.from_pretrained(path)
tokenizer.add_tokens(["<think>", "</think>"])
model.resize_token_embeddings(len(tokenizer))
config = LoraConfig(target_modules=["q_proj", "v_proj"], modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
Trainer(model=model, args=args, train_dataset=data).train()
```
or, far smaller, `trainable_token_indices={"embed_tokens": tokenizer.convert_tokens_to_ids(new_tokens)}` (peft
0.15).

## Fix safety
Unsafe: embedding and output layer become trainable copies; their names are those of Llama and its like.

## When not to worry
A padding token, a vocabulary that is only rounded up, embeddings among `target_modules` or unfrozen by hand,
and inference.

## Releases
All releases.

## References
- https://github.com/huggingface/peft/issues/334
- https://github.com/huggingface/peft/issues/1300
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from peftlint.diagnostics import Applicability, Diagnostic
from peftlint.rules.base import Rule, make_fix
from peftlint.rules.config.arguments import strings
from peftlint.rules.config.attachments import (
    Attachment,
    absent,
    attachments,
    is_trained_later,
    is_unfrozen_later,
    set_after,
    written,
)
from peftlint.semantics.events import TokensAdded
from peftlint.semantics.values import NONE, Value, parts_of
from peftlint.semantics.values import text as string

if TYPE_CHECKING:
    from peftlint.semantics.analysis import Analysis

#: names of embeddings and output layers in the models of transformers
_EMBEDDINGS = re.compile(r"emb|wte|wpe|lm_head|shared|vocab|word|tok|output|head", re.IGNORECASE)


class NewTokensNotTrained(Rule):
    code = "PEFT210"
    name = "new-tokens-not-trained"
    fixes = (Applicability.UNSAFE,)

    def check(self, analysis: Analysis) -> Iterator[Diagnostic]:
        for site in attachments(analysis):
            bad = [event for event in site if _leaves_embeddings(event)]
            for event in bad[:1]:
                resized = event.before.vocabulary_grown if event.before is not None else None
                added = self._added(analysis, resized) if isinstance(resized, TokensAdded) else None
                if added is None or not analysis.certain(event, added, resized):
                    continue
                if (
                    len(bad) != len(site)
                    or is_unfrozen_later(analysis, event)
                    or not is_trained_later(analysis, event)
                ):
                    continue
                known = written(event)
                assert known is not None and resized is not None
                config, created = known
                trace = [
                    analysis.step("new tokens are added to the tokenizer here", added),
                    analysis.step("their embeddings are random from here on", resized),
                    analysis.step("the adapter is attached here, and the embeddings are frozen", event),
                ]
                message = (
                    "the embeddings of the new tokens stay random: this config neither trains nor saves them"
                )
                help = 'give `modules_to_save=["embed_tokens", "lm_head"]`, or `trainable_token_indices` with their ids'
                edits = []
                if _names_of_llama(config.argument("target_modules")):
                    edits = set_after(
                        created, "target_modules", 'modules_to_save=["embed_tokens", "lm_head"]'
                    )
                fix = make_fix(created, "Train and save the embeddings", Applicability.UNSAFE, edits)
                yield self.report(created, message, help, trace, fix)

    def _added(self, analysis: Analysis, resized: TokensAdded) -> TokensAdded | None:
        """The call that gave the tokenizer tokens after whose number the model was resized."""
        size = resized.call.value("new_num_tokens") if resized.call is not None else None
        for event in analysis.all(TokensAdded):
            receiver = event.call.receiver if event.call is not None else None
            if (
                event.reason == "new tokens"
                and resized.after(event)
                and receiver is not None
                and size is not None
            ):
                if parts_of(receiver) & parts_of(size):
                    return event
        return None


def _leaves_embeddings(event: Attachment) -> bool:
    known = written(event)
    if known is None or known[0].class_name not in (
        "LoraConfig",
        "AdaLoraConfig",
        "LoHaConfig",
        "LoKrConfig",
        "IA3Config",
    ):
        return False
    config = known[0]
    if not absent(config, "modules_to_save", "trainable_token_indices"):
        return False
    targets = config.argument("target_modules")
    if targets in (None, NONE) or string(targets) == "all-linear":
        return True
    names = strings(targets)
    return bool(names) and not any(_EMBEDDINGS.search(name) for name in names or ())


def _names_of_llama(targets: Value | None) -> bool:
    return any(name in ("q_proj", "v_proj", "gate_proj", "up_proj") for name in strings(targets) or ())
