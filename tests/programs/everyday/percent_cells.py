# %% [markdown]
# # Experiment

# %%
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

# %%
model = AutoModelForSequenceClassification.from_pretrained("roberta", num_labels=6)
cfg = LoraConfig(task_type="SEQ_CLS", modules_to_save="classifier")  # expect: PEFT207
model = get_peft_model(model, cfg)

# %%
# !nvidia-smi
model.print_trainable_parameters()
