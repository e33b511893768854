"""Calls that are known to leave models as they are. Everything else that receives a model makes it uncertain."""

from __future__ import annotations

from peftlint.semantics.api.names import package

#: packages none of whose functions touches adapters
_PACKAGES = frozenset(
    [
        "os",
        "sys",
        "json",
        "re",
        "math",
        "random",
        "time",
        "datetime",
        "logging",
        "pathlib",
        "collections",
        "itertools",
        "functools",
        "typing",
        "argparse",
        "copy",
        "pickle",
        "gc",
        "warnings",
        "numpy",
        "pandas",
        "datasets",
        "evaluate",
        "tqdm",
        "matplotlib",
        "seaborn",
        "sklearn",
        "scipy",
        "torch",
        "torchvision",
        "wandb",
        "tensorboard",
        "gradio",
        "streamlit",
        "fastapi",
        "flask",
        "pydantic",
        "yaml",
        "dotenv",
        "rich",
        "huggingface_hub",
        "subprocess",
        "shutil",
        "tempfile",
        "glob",
        "hashlib",
        "textwrap",
        "string",
        "contextlib",
        "dataclasses",
        "enum",
        "abc",
        "uuid",
        "socket",
        "threading",
        "asyncio",
        "concurrent",
        "multiprocessing",
        "PIL",
        "cv2",
        "requests",
        "httpx",
        "tiktoken",
        "sentencepiece",
        "nltk",
        "rouge_score",
        "sacrebleu",
        "bert_score",
        "psutil",
        "GPUtil",
        "pynvml",
        "platform",
        "inspect",
        "traceback",
        "typer",
        "click",
        "fire",
        "hydra",
        "omegaconf",
        "pytest",
        "unittest",
        "plotly",
        "IPython",
        "ipywidgets",
        "google",
        "einops",
        "safetensors",
        "csv",
        "io",
        "struct",
        "operator",
        "statistics",
        "types",
        "tabulate",
        "colorama",
        "loguru",
        "ast",
        "bitsandbytes",
        "packaging",
        "builtins",
        "base64",
        "queue",
        "heapq",
        "bisect",
        "signal",
        "getpass",
        "locale",
    ]
)

#: functions of torch that train, move or wrap parameters are in the tables; these below may change models
_CHANGING = ("torch.nn.init.", "torch.nn.utils.prune", "torch.ao.", "torch.quantization.")

_PURE = frozenset(
    [
        "os.path.exists",
        "os.path.isdir",
        "os.path.isfile",
        "os.path.basename",
        "os.path.dirname",
        "os.path.abspath",
        "os.path.realpath",
        "os.path.expanduser",
        "os.path.normpath",
        "os.path.splitext",
        "os.getenv",
        "packaging.version.Version",
        "packaging.version.parse",
        "pkg_resources.parse_version",
        "os.environ.get",
        "os.listdir",
        "pathlib.Path",
        "torch.cuda.is_available",
        "torch.cuda.device_count",
        "torch.device",
        "importlib.util.find_spec",
        "transformers.is_bitsandbytes_available",
        "glob.glob",
    ]
)

#: functions of the followed libraries that only look
_LOOKING = frozenset(
    [
        "transformers.set_seed",
        "transformers.is_torch_available",
        "peft.check_if_peft_model",
        "accelerate.infer_auto_device_map",
        "transformers.get_scheduler",
        "transformers.get_linear_schedule_with_warmup",
        "transformers.get_cosine_schedule_with_warmup",
        "transformers.get_constant_schedule",
        "transformers.get_constant_schedule_with_warmup",
        "accelerate.set_seed",
        "accelerate.load_checkpoint_in_model",
        "accelerate.init_empty_weights",
        "transformers.default_data_collator",
        "trl.get_kbit_device_map",
        "trl.get_quantization_config",
        "trl.get_peft_config",
        "accelerate.find_executable_batch_size",
    ]
)


def is_harmless(name: str) -> bool:
    """True if a call of this library function or class leaves every model that it is given as it is."""
    if name.startswith(_CHANGING):
        return False
    return package(name) in _PACKAGES or name in _LOOKING


def is_pure(name: str) -> bool:
    """True if two calls with equal arguments give equal results (as far as one run of a program goes)."""
    return name in _PURE


#: methods of models after which the weights of their adapters are what they were; training itself shows in
#: `backward` and `step`
_KEEPING = frozenset(
    """
    add_adapter set_adapter set_adapters enable_adapter enable_adapters disable_adapter disable_adapters delete_adapter
    active_adapter active_adapters get_base_model get_nb_trainable_parameters print_trainable_parameters
    merge_adapter merge_and_unload unload save_pretrained push_to_hub
    forward generate encode encode_query encode_document predict rank similarity eval train to cuda cpu half float bfloat16
    compile named_parameters parameters state_dict modules
    named_modules get_input_embeddings get_output_embeddings num_parameters zero_grad gradient_checkpointing_enable
    gradient_checkpointing_disable enable_input_require_grads
    """.split()
)


def keeps_weights(method: str) -> bool:
    """True if a method of this name, of a model of which nothing else is known, gives no adapter weights."""
    return method in _KEEPING
