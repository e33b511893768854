"""What the audit of a saved adapter can say."""

from __future__ import annotations

from peftlint.runtime.codes import error, info, warning

NO_WEIGHTS = error(
    "PEFT520",
    "saved-adapter-without-weights",
    "save again with `model.save_pretrained(DIR)` on the PeftModel",
    "The folder has an adapter_config.json but neither adapter_model.safetensors nor adapter_model.bin. PEFT "
    "raises "
    "when it is loaded; code that only reads the config (`add_adapter(PeftConfig.from_pretrained(DIR))`) "
    "runs and "
    "uses an untrained adapter.",
)
NO_TENSORS = error(
    "PEFT521",
    "saved-adapter-empty",
    "the training is not in this file: save the PeftModel before `merge_and_unload()`, and do not patch "
    "`state_dict`",
    "The weights file holds no tensor of the adapter. `save_pretrained` writes such a file after "
    "`merge_and_unload()` "
    "on the old object (all releases), and with the alpaca-lora patch of `model.state_dict` on peft <= 0.19. "
    "Loaded "
    "again, the model answers exactly as the base model; only peft >= 0.14 warns.",
)
UNTRAINED = error(
    "PEFT522",
    "saved-adapter-untrained",
    "train it before saving, or check that the optimizer was built from this adapter's parameters",
    "Every tensor that decides still has its initial value. For most methods (LoRA: lora_B is all zero; IA3: "
    "the vectors are all one; and so on) the adapter is then an exact no-op: logits equal the base model's. "
    "Methods that begin with random values (prompt and prefix tuning, FourierFT, C3A, VB-LoRA, UniLoRA, DEFT, "
    "`init_lora_weights=False`) disturb the base model at random: their values still lie, all of them, on the "
    "grid on which torch's generator draws on a CPU, which no optimizer step keeps. PiSSA, OLoRA, orthogonal "
    "initialisation and OSF are known by the decomposition that their matrices still are; LN tuning, trainable "
    "tokens and prompts made of words by equality with the base's weights, if --base gives them. It was saved "
    "before training, the optimizer did not hold its parameters, or the adapter was made from a config without "
    "loading weights.",
)
PARTLY_UNTRAINED = info(
    "PEFT523",
    "saved-adapter-partly-untrained",
    "look at whether these modules ran during training (experts never routed to, towers never fed, frozen "
    "layers)",
    "In some modules the adapter still has its initial value while it was trained in others. These modules "
    "got no "
    "gradient: an expert that was never routed to, a vision tower in text-only training, or layers frozen "
    "by hand.",
)
ADAPTER_NAME_IN_KEYS = error(
    "PEFT524",
    "saved-keys-hold-adapter-name",
    "save with `model.save_pretrained(DIR)`, which removes the name; or rename `.default.` away in the keys",
    "Keys such as `...lora_A.default.weight` come from `torch.save(model.state_dict())`. PEFT's loader "
    "inserts the "
    "adapter name itself, so on peft <= 0.20 none of them matches and the model stays the base model.",
)
COMPILED_KEYS = error(
    "PEFT525",
    "saved-keys-of-compiled-model",
    "wrap first and compile last: `torch.compile(PeftModel.from_pretrained(base, DIR))`; or remove "
    "`_orig_mod.` from the keys",
    "Keys contain `_orig_mod`, the prefix of `torch.compile`. The base was compiled before it was wrapped. "
    "On a base "
    "that is not compiled, no key matches and the model stays the base model.",
)
NESTED_KEYS = error(
    "PEFT526",
    "saved-keys-of-nested-model",
    "wrap the base model once, and add further adapters with `load_adapter` or `add_adapter`",
    "Keys start with `base_model.model.base_model.model.`: a PeftModel was wrapped in a second PeftModel and "
    "that "
    "was saved. Loaded on the plain base model, no key matches.",
)
PREFIX_MISSING = error(
    "PEFT527",
    "saved-keys-without-prefix",
    "prefix the keys with `base_model.model.`, or load with `set_peft_model_state_dict` on the inner model",
    "Keys of adapter tensors do not start with `base_model.model.`, so `PeftModel.from_pretrained` and "
    "`set_peft_model_state_dict` on a PeftModel match none of them, without an error.",
)
FOREIGN_KEYS = error(
    "PEFT528",
    "saved-keys-not-of-adapter",
    "save with `model.save_pretrained(DIR)` on the PeftModel itself, not on its base model",
    "The weights file holds tensors that belong neither to the adapter, nor to modules_to_save, embeddings "
    "or biases "
    "of the config: parts of the base model (often with `base_layer` in the name). It was written from the "
    "state dict "
    "of the whole model or of the wrapped base. Such tensors are dropped, or overwrite base weights, on "
    "load.",
)
RANK = error(
    "PEFT529",
    "saved-rank-mismatch",
    "make `r` / `rank_pattern` in adapter_config.json say what the tensors are, or take the config that "
    "they were saved with",
    "The rank in the config (r, or the entry of rank_pattern for that module) differs from the tensors' "
    "shape. "
    "Loading raises `RuntimeError: size mismatch`. Config and weights come from different runs.",
)
TARGET_WITHOUT_TENSORS = warning(
    "PEFT530",
    "saved-target-without-tensors",
    "correct the name in target_modules, or find out why those modules were not saved",
    "A name in target_modules has no tensor in the weights file. Either no module of the base has that name "
    "(a "
    "misspelt target is silently ignored as long as another one matches), or those tensors were lost on "
    "saving and "
    "stay at their initial values on load.",
)
TENSORS_NOT_TARGETED = error(
    "PEFT531",
    "saved-tensors-not-targeted",
    "add the modules to target_modules (or to layers_to_transform) in adapter_config.json",
    "The file holds adapter tensors for modules that the config does not target. No layer is made for them "
    "on load "
    "and their weights are silently dropped.",
)
MODULES_TO_SAVE_MISSING = error(
    "PEFT532",
    "saved-module-missing",
    "save again from the model in memory; a head without its weights starts at random values",
    "The config promises trained copies of modules (modules_to_save, or the head of a classification task) "
    "and the "
    "weights file has none for them. On load that module starts from the base model's values or from random "
    "ones.",
)
MODULES_TO_SAVE_STRING = error(
    "PEFT533",
    "saved-modules-to-save-not-a-list",
    'write `"modules_to_save": ["lm_head"]`',
    "modules_to_save is a plain string. PEFT iterates over its letters: every module whose name ends in one "
    "of them "
    'is copied and made trainable (measured: `"lm_head"` copies half of a Llama).',
)
NOT_FINITE = error(
    "PEFT534",
    "saved-weights-not-finite",
    "go back to a checkpoint from before the loss became NaN; lower the learning rate or train in bfloat16",
    "Tensors hold NaN or infinite values. Every output of the model with this adapter is NaN.",
)
ZERO_TENSOR = warning(
    "PEFT535",
    "saved-tensor-constant",
    "find out why it was never changed, or was zeroed, before relying on this adapter",
    "A tensor that starts from random values holds one single value (all zero, mostly). With it the module's "
    "contribution is nothing or degenerate. It was zeroed by hand, by sharding (ZeRO-3 saved without "
    "gathering), or "
    "by a broken conversion.",
)
UNKNOWN_FIELD = warning(
    "PEFT536",
    "saved-config-unknown-field",
    "train and load with the same peft release, or remove the field",
    "adapter_config.json has a field that this method's config does not have in the target release of peft. "
    "Releases "
    "before 0.17 raise TypeError; 0.17 and later warn and ignore it, so whatever it asked for does not "
    "happen.",
)
BOTH_FORMATS = warning(
    "PEFT537",
    "saved-in-both-formats",
    "delete the older of the two files",
    "The folder has adapter_model.safetensors and adapter_model.bin. PEFT reads the safetensors file and "
    "never looks "
    "at the other; when the .bin was written later (`safe_serialization=False`), the stale adapter is "
    "loaded.",
)
BASE_UNNAMED = info(
    "PEFT538",
    "saved-base-unnamed",
    "set `base_model_name_or_path` in adapter_config.json to the base model's hub id or path",
    "base_model_name_or_path is empty. `AutoPeftModel...from_pretrained(DIR)` and "
    "`AutoModel.from_pretrained(DIR)` "
    "raise, and nobody can tell which base the adapter belongs to. Resized embeddings are then not saved "
    "either.",
)
BASE_CHANGING_INIT = warning(
    "PEFT539",
    "saved-init-changes-base",
    "convert it: `model.save_pretrained(DIR, path_initial_model_for_weight_conversion=INITIAL_DIR)`",
    "The adapter was initialised by a method that also changes the base weights (PiSSA, OLoRA, CorDA, LoftQ, "
    "LoRA-GA). It is "
    "right only on a fresh, unmodified base on which the same change is made again; beside another adapter, "
    "after "
    "`unload()`, or with `disable_adapter()` as reference the results are silently wrong.",
)
BAD_SHAPE = error(
    "PEFT543",
    "saved-tensor-shape-invalid",
    "gather the shards before saving (`GatheredParameters`, `summon_full_params`), or save through the "
    "Trainer",
    "A low-rank matrix is empty, has fewer than two dimensions, or its pair does not fit it. Parameters were "
    "saved "
    "while partitioned (DeepSpeed ZeRO-3, FSDP), or one half of a pair is missing.",
)
RUNS_CODE = error(
    "PEFT547",
    "saved-weights-run-code",
    "do not load this file; ask for safetensors",
    "adapter_model.bin is a pickle that names something other than tensors to be called on loading. peftlint "
    "did not "
    "run it. `torch.load(weights_only=False)`, the default before torch 2.6, would.",
)
PATTERN_UNMATCHED = warning(
    "PEFT550",
    "saved-pattern-unmatched",
    "correct the key: it is matched against the end of the module's name",
    "A key of rank_pattern or alpha_pattern matches no module in the file, so that rank or alpha is not "
    "used. Silent "
    "before peft 0.21, a RuntimeWarning since.",
)
CONFIG_VALUE = error(
    "PEFT552",
    "saved-config-value-invalid",
    "correct the value in adapter_config.json",
    "A value in adapter_config.json cannot work: an unknown peft_type or task_type, a rank that is no "
    "positive "
    "integer, an unknown `bias`. Loading raises.",
)
NO_SCALE = error(
    "PEFT553",
    "saved-scale-zero",
    "set lora_alpha to the value used in training",
    "lora_alpha (or the alpha_pattern entry) is zero, so the low-rank update is multiplied by zero: the "
    "model answers as the base model.",
)
INCOMPLETE = error(
    "PEFT554",
    "saved-module-incomplete",
    "save again from the model in memory",
    "A module has one half of its adapter in the file and not the other (lora_A without lora_B, and so on). "
    "The "
    "missing half keeps its initial value on load.",
)
VIRTUAL_TOKENS = error(
    "PEFT555",
    "saved-prompt-length-mismatch",
    "make num_virtual_tokens in adapter_config.json say what the tensor is",
    "The number of rows of prompt_embeddings does not fit num_virtual_tokens in the config; loading raises "
    "`size mismatch`.",
)
PATTERN_TOO_COSTLY = warning(
    "PEFT556",
    "saved-pattern-too-costly",
    "write a list of module names, or a pattern without nested repeats",
    "A regular expression in adapter_config.json does not finish in a few seconds on the names in the file. "
    "PEFT "
    "would hang on it when the adapter is loaded.",
)
