from peft import AdaLoraConfig, IA3Config, LoraConfig, TaskType, VeraConfig

modules = ["score"]

by_position = LoraConfig(16, lora_alpha=32)  # expect: PEFT214
unknown_init = LoraConfig(
    r=8,
    init_lora_weights="kaiming",  # expect: PEFT203
    task_type=TaskType.CAUSAL_LM,
)
appended = LoraConfig(
    task_type="SEQ_CLS",
    target_modules=["query", "value"],
    modules_to_save=modules.append("pooler"),  # expect: PEFT207
)
dropout = LoraConfig(r=8, dropout=0.1)  # expect: PEFT211
expression = LoraConfig(target_modules=[".*q_proj", ".*v_proj"])  # expect: PEFT206
misspelt = LoraConfig(r=4, task_type="CASUAL_LM")  # expect: PEFT209

configs = {
    "adalora": AdaLoraConfig(init_r=12, target_r=8, total_step=1000, target_modules=["q", "v"]),
    "ia3": IA3Config(target_modules=["k", "v", "wo"], feedforward_modules=["wo"]),
    "vera": VeraConfig(r=256, target_modules=["q_proj"], vera_dropout=0.1),
    "regex": LoraConfig(target_modules=r".*\.(q|v)_proj", exclude_modules=".*vision.*"),
    "dora": LoraConfig(r=8, use_dora=True, rank_pattern={"q_proj": 16}, target_modules="all-linear"),
}
for name, config in configs.items():
    config.save_pretrained(f"configs/{name}")
