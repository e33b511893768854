import streamlit as st
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@st.cache_resource(show_spinner=False)
def base():
    return AutoModelForCausalLM.from_pretrained("HuggingFaceTB/SmolLM2-135M")


def styled(folder):
    return PeftModel.from_pretrained(base(), folder)  # expect: PEFT104


tokenizer = AutoTokenizer.from_pretrained("HuggingFaceTB/SmolLM2-135M")
plain = styled("styles/plain")
flowery = styled("styles/flowery")
if prompt := st.text_area("Text"):
    inputs = tokenizer(prompt, return_tensors="pt")
    for column, model in zip(st.columns(2), (plain, flowery)):
        column.write(tokenizer.decode(model.generate(**inputs, max_new_tokens=60)[0]))
