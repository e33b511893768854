# %% [markdown]
# # Evaluate an adapter
#
# Exported with jupytext.

# %%
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

# %%
# !nvidia-smi
checkpoint = "roberta-base"
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
model = AutoModelForSequenceClassification.from_pretrained(checkpoint, num_labels=2)

# %%
model = PeftModel.from_pretrained(model, "out/round1")
model = PeftModel.from_pretrained(model, "out/round2")  # expect: PEFT103
model.eval()

# %% [markdown]
# ## Scores

# %%
texts = ["I loved it.", "Never again."]
with torch.no_grad():
    print(model(**tokenizer(texts, return_tensors="pt", padding=True)).logits.softmax(-1))

# %%
# MAGIC %md Databricks cells look like this
# COMMAND ----------
model.save_pretrained("out/copy")
