"""What each PEFT method writes to disk, and which values mean that it was never trained.

Measured on peft 0.21.2 by saving every method before and after three optimizer steps on a tiny Llama and
comparing outputs and tensors (tests/runtime/test_methods.py does it again). A method whose initial values are
random, or computed from the base model, has no `no_op` here; what its file can tell is in `initial`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Condition = Mapping[str, float]


@dataclass(frozen=True)
class Method:
    """`prefix`: how the first name component of an adapter tensor starts. `tails`: the components from there
    on.

    A module's adapter is an exact no-op if in one of the conditions `no_op` every tail that the module has (a
    shell pattern) holds that constant value, the first of them being present. `random`: tails that start from
    random values, so that a constant in them is an accident. `rank`: tails and the axis whose length is the
    rank. `halves`: tails that need each other.
    """

    prefix: str
    tails: frozenset[str] = frozenset()
    no_op: tuple[Condition, ...] = ()
    random: frozenset[str] = frozenset()
    rank: Mapping[str, int] | None = None
    halves: tuple[tuple[str, str], ...] = ()


def _simple(
    prefix: str, deciding: str, value: float = 0.0, random: tuple[str, ...] = (), others: tuple[str, ...] = ()
) -> Method:
    return Method(prefix, frozenset({deciding, *random, *others}), ({deciding: value},), frozenset(random))


METHODS: dict[str, Method] = {
    "LORA": Method(
        "lora_",
        frozenset({
            "lora_A.weight", "lora_B.weight", "lora_A.bias", "lora_B.bias", "lora_embedding_A",
                "lora_embedding_B",
            "lora_magnitude_vector", "lora_magnitude_vector.weight",
        }),
        (
            {"lora_B.weight": 0.0, "lora_B.bias": 0.0},
            {"lora_A.weight": 0.0, "lora_B.bias": 0.0},
            {"lora_embedding_A": 0.0},
            {"lora_embedding_B": 0.0},
        ),
        frozenset({"lora_A.weight", "lora_embedding_B"}),
        {"lora_A.weight": 0, "lora_B.weight": 1, "lora_embedding_A": 0, "lora_embedding_B": 1},
        (("lora_A.weight", "lora_B.weight"), ("lora_embedding_A", "lora_embedding_B")),
    ),
    "ADALORA": Method(
        "lora_", frozenset({"lora_A", "lora_B", "lora_E", "ranknum"}), ({"lora_E": 0.0},),
            frozenset({"lora_A", "lora_B"}),
        halves=(("lora_A", "lora_B"), ("lora_A", "lora_E")),
    ),
    "LOHA": Method(
        "hada_", frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2"}),
        tuple({f"hada_w{i}_{half}": 0.0} for i in (2, 1) for half in ("b", "a")),
        frozenset({"hada_w1_a", "hada_w1_b", "hada_w2_a"}),
        {"hada_w1_b": 0, "hada_w2_b": 0},
        (("hada_w1_a", "hada_w1_b"), ("hada_w2_a", "hada_w2_b")),
    ),
    "LOKR": Method(
        "lokr_", frozenset({"lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b",
            "lokr_t2"}),
        ({"lokr_w1": 0.0}, {"lokr_w1_a": 0.0}, {"lokr_w1_b": 0.0}, {"lokr_w2": 0.0}, {"lokr_w2_a": 0.0},
            {"lokr_w2_b": 0.0}),
        frozenset({"lokr_w2", "lokr_w2_a", "lokr_w2_b"}),
        halves=(("lokr_w1_a", "lokr_w1_b"), ("lokr_w2_a", "lokr_w2_b")),
    ),
    "VERA": _simple("vera_", "vera_lambda_b", others=("vera_lambda_d", "vera_A", "vera_B")),
    "PVERA": _simple("pvera_", "pvera_lambda_b", others=("pvera_lambda_d", "pvera_A", "pvera_B")),
    "IA3": _simple("ia3_", "ia3_l", 1.0),
    "OFT": Method("oft_", frozenset({"oft_R.weight", "oft_r", "oft_s"}), ({"oft_R.weight": 0.0},
        {"oft_r": 0.0, "oft_s": 1.0})),
    "BOFT": Method("boft_", frozenset({"boft_R", "boft_s"}), ({"boft_R": 0.0, "boft_s": 1.0},)),
    "MISS": _simple("miss_", "miss_block"),
    "BONE": _simple("bone_", "bone_block"),
    "ROAD": Method("road_", frozenset({"road_theta", "road_alpha"}), ({"road_theta": 0.0,
        "road_alpha": 1.0},)),
    "SHIRA": _simple("shira_", "shira_weight", others=("shira_indices",)),
    "RANDLORA": _simple("randlora_", "randlora_lambda", others=("randlora_gamma", "randlora_A",
        "randlora_B")),
    "HIRA": Method(
        "hira_", frozenset({"hira_A", "hira_B"}), ({"hira_B": 0.0}, {"hira_A": 0.0}), frozenset({"hira_A"}),
        {"hira_A": 0, "hira_B": 1}, (("hira_A", "hira_B"),),
    ),
    "DELORA": Method(
        "delora_", frozenset({"delora_A", "delora_B", "delora_lambda", "delora_w_norm"}),
            ({"delora_B": 0.0},),
        frozenset({"delora_A"}), {"delora_A": 0, "delora_B": 1}, (("delora_A", "delora_B"),),
    ),
    "GRALORA": Method(
        "gralora_", frozenset({"gralora_A", "gralora_B", "gralora_A_general", "gralora_B_general"}),
        ({"gralora_B": 0.0, "gralora_B_general": 0.0},), frozenset({"gralora_A"}), halves=(("gralora_A",
            "gralora_B"),),
    ),
    "GLORA": Method(
        "glora_", no_op=({"glora_?.Xd": 0.0, "glora_?.zeros": 0.0, "glora_?.vector": 0.0,
            "glora_?.constant": 0.0},),
    ),
    "LILY": Method(
        "lily_", frozenset({"lily_A.weight", "lily_B.weight", "lily_router.weight"}),
            ({"lily_B.weight": 0.0},),
        frozenset({"lily_A.weight"}),
    ),
    "PEANUT": Method("peanut_", no_op=({"peanut_B.weight": 0.0},)),
    "PSOFT": Method(
        "psoft_", frozenset({"psoft_R.weight", "psoft_R.vector_a", "psoft_R.vector_b"}),
        ({"psoft_R.weight": 0.0, "psoft_R.vector_?": 1.0},),
    ),
    "TINYLORA": Method("tinylora_", no_op=({"tinylora_v.*": 0.0},)),
    "WAVEFT": _simple("waveft_", "waveft_spectrum"),
    "BEFT": _simple("beft_", "beft_bias"),
    "FROD": Method("frod_", no_op=({"frod_lambda_s_values": 0.0},)),
    "SUPERTUNING": _simple("supertuning_", "supertuning_values", others=("supertuning_indices",)),
    "ADAPTION_PROMPT": Method(
        "adaption_", frozenset({"adaption_gate", "adaption_prompt"}), ({"adaption_gate": 0.0},),
            frozenset({"adaption_prompt"}),
    ),
    "POLY": Method("poly_", no_op=({"poly_lora_B": 0.0},), random=frozenset({"poly_lora_A"})),
    # fresh columns come in equal pairs, whose reflections cancel: see `values.paired`
    "HRA": Method("hra_", frozenset({"hra_u"}), random=frozenset({"hra_u"})),
    # random from the start, or made from the base model, unless init_weights says otherwise: see `initial`
    "C3A": _simple("c3a_", "c3a_kernel"),
    "DEFT": Method("deft_", frozenset({"deft_P", "deft_R"})),
    "FOURIERFT": _simple("fourierft_", "fourierft_spectrum"),
    "LN_TUNING": Method("ln_tuning_", frozenset({"ln_tuning_layers.weight", "ln_tuning_layers.bias"})),
    "OSF": Method("osf_"),
    "TRAINABLE_TOKENS": Method("trainable_tokens_", frozenset({"trainable_tokens_delta"})),
    "UNILORA": Method("unilora_"),
    "VBLORA": Method("vblora_"),
    "ADAMSS": Method("adamss_", no_op=({"adamss_B.*": 0.0},)),
    "SHADOW": Method("shadow_"),
    "XLORA": Method("internal_xlora_classifier"),
}  # fmt: skip

#: methods whose file holds prompt tensors without any module path
PROMPT_METHODS = frozenset({
    "PROMPT_TUNING", "P_TUNING", "PREFIX_TUNING", "MULTITASK_PROMPT_TUNING", "CPT", "CARTRIDGE",
})  # fmt: skip
PROMPT_TENSORS = frozenset({"prompt_embeddings", "prefix_task_cols", "prefix_task_rows"})

KNOWN_TYPES = frozenset(METHODS) | PROMPT_METHODS
TASK_TYPES = frozenset(
    {"SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION"}
)
EMBEDDINGS = frozenset({
    "embed_tokens", "lm_head", "wte", "word_embeddings", "tok_embeddings", "embed_in", "embed_out", "shared",
        "output", "transformer.wte",
})  # fmt: skip

#: values of init_lora_weights (and their `_niter_N` form) with which PEFT changes the base weights
BASE_CHANGING_INITS = ("pissa", "olora", "corda", "loftq", "lora_ga")
