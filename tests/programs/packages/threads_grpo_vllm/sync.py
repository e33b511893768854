"""Push policy weights into the running vLLM engine."""
import logging

logger = logging.getLogger(__name__)
PREFIX = "base_model.model."


def clean(name):
    return name.removeprefix(PREFIX).replace(".base_layer", "")


def move_model_to_vllm(policy, llm):
    policy.merge_adapter()
    state_dict = policy.state_dict()  # expect: PEFT506
    policy.unmerge_adapter()
    weights = [(clean(k), v) for k, v in state_dict.items() if "lora_" not in k]
    engine_model = llm.llm_engine.model_executor.driver_worker.model_runner.model
    engine_model.load_weights(weights)
    llm.reset_prefix_cache()
    logger.info("synced %d tensors", len(weights))
