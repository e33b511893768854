"""What the audit can say of an adapter beside others, and on its base model."""

from __future__ import annotations

from peftlint.runtime.codes import error, warning

IDENTICAL = warning(
    "PEFT540",
    "saved-adapters-identical",
    "check the paths: one adapter was probably saved under two names",
    "Two adapters of this call hold the same values in the same tensors. Switching between them changes "
    "nothing. "
    "Usually the active adapter was saved twice, or both names were made from one checkpoint.",
)
CANNOT_COMBINE = warning(
    "PEFT541",
    "saved-adapters-not-combinable",
    "choose a combination_type that allows it (`cat`, `svd`), or train with equal settings",
    "Two adapters cannot be combined as asked: another method, different ranks (`linear`, `ties`, `dare_*` "
    "and "
    "`magnitude_prune` need equal ranks), or modules_to_save in both (`add_weighted_adapter` raises). "
    "Reported with `--combine`.",
)
DIFFERENT_BASES = warning(
    "PEFT542",
    "saved-adapters-of-different-bases",
    "load each adapter on the base that it was trained on",
    "Adapters of this call name different base models. PEFT does not compare that name: if the shapes agree, "
    "an "
    "adapter loads on the wrong base and answers wrongly without an error.",
)
CHECKPOINTS_EQUAL = error(
    "PEFT551",
    "saved-checkpoints-do-not-differ",
    "check `model.print_trainable_parameters()` and that the optimizer was built after the adapter was added",
    "Two checkpoints of one training run, at different steps, hold exactly the same adapter. The adapter is "
    "not being "
    "trained: it is frozen, or the optimizer does not hold its parameters.",
)
DROPPED_BY_BASE = error(
    "PEFT544",
    "saved-tensors-dropped-by-base",
    "load it on the base model and the task class that it was trained with",
    "With the base given by --base, PEFT would not find a place for these tensors: they are dropped silently "
    "(`load_result.unexpected_keys`). Another architecture, more layers than the base has, or another task "
    "class "
    "(`base_model.model.layers` against `base_model.model.model.layers`).",
)
MISSING_FOR_BASE = error(
    "PEFT545",
    "saved-tensors-missing-for-base",
    "load it on the base model that it was trained with, or save the adapter again",
    "With the base given by --base, PEFT would create adapter parameters for which the file has no tensor; "
    "they keep "
    "their initial values. peft >= 0.14 warns on `from_pretrained`; `load_adapter` never does.",
)
SHAPE_FOR_BASE = error(
    "PEFT546",
    "saved-tensor-shape-differs-from-base",
    "load it on the base model that it was trained with; after growing the vocabulary, resize before loading",
    "A tensor's shape differs from the one that the base given by --base needs. Loading raises "
    "`RuntimeError: size mismatch`.",
)
HEAD_NOT_SAVED = error(
    "PEFT549",
    "saved-without-head",
    'set task_type (for example "SEQ_CLS") or modules_to_save before training',
    "The base named by --base is a classification or question-answering model, and the adapter neither has "
    "that task "
    "type nor a modules_to_save entry, so the head that was trained beside it (or stayed random) is not in "
    "the file.",
)
FULL_MODEL_BESIDE = warning(
    "PEFT548",
    "saved-full-model-beside-adapter",
    "save the merged model to a folder of its own",
    "The folder holds a full model (config.json and model weights) and an adapter. transformers loads the "
    "model and "
    "then attaches the adapter: if the model was merged before it was saved, the adapter is applied twice.",
)
WRAPPED_BASE = error(
    "PEFT557",
    "saved-model-holds-adapter-layers",
    "save the adapter, `model.save_pretrained(DIR)`, or `model.merge_and_unload().save_pretrained(DIR)`",
    "A full model's file has keys such as `q_proj.base_layer.weight` and `q_proj.lora_A.default.weight`: the "
    "base model "
    "inside the PeftModel was saved. `AutoModel...from_pretrained` finds no weights for those layers and "
    "initialises "
    "them at random, with no more than a log message.",
)
