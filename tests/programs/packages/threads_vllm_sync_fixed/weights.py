"""merge -> load into engine -> unmerge (order as in the trl fix)."""
from contextlib import contextmanager


@contextmanager
def merged(policy):
    policy.merge_adapter()
    try:
        yield policy
    finally:
        policy.unmerge_adapter()


def push(policy, engine_model):
    with merged(policy) as p:
        pairs = []
        for k, v in p.state_dict().items():
            if "lora_" in k:
                continue
            pairs.append((k.removeprefix("base_model.model.").replace(".base_layer", ""), v))
        engine_model.load_weights(pairs)
    return len(pairs)


def push_simple(policy, engine_model):
    policy.merge_adapter()
    state_dict = policy.state_dict()
    state_dict = {k.removeprefix("base_model.model.").replace(".base_layer", ""): v for k, v in state_dict.items() if "lora_" not in k}
    engine_model.load_weights(state_dict.items())
    policy.unmerge_adapter()
