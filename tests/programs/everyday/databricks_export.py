# Databricks notebook source
# MAGIC %pip install peft

# COMMAND ----------

from peft import PeftModel
from transformers import AutoModelForCausalLM

# COMMAND ----------

# MAGIC %md
# MAGIC ## Load

# COMMAND ----------

model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("base"), "/dbfs/adapters/a")
model.active_adapter = "b"  # expect: PEFT310

# COMMAND ----------

dbutils.notebook.exit("done")
