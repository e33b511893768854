# Streamlit page that rewrites text with an adapter on a plain transformers model.
import streamlit as st
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "Qwen/Qwen2.5-1.5B-Instruct"


@st.cache_resource
def get_model(adapter):
    tok = AutoTokenizer.from_pretrained(BASE)
    model = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float16, device_map="auto")
    model.load_adapter(adapter, adapter_name="rewrite")
    model.eval()
    return tok, model


st.title("Rewriter")
adapter = st.sidebar.text_input("Adapter", "my-org/qwen-rewrite-lora")
text = st.text_area("Text")
if st.button("Rewrite") and text:
    tok, model = get_model(adapter)
    prompt = tok.apply_chat_template(
        [{"role": "user", "content": f"Rewrite politely:\n{text}"}], tokenize=False, add_generation_prompt=True
    )
    enc = tok(prompt, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        ids = model.generate(**enc, max_new_tokens=300)
    st.write(tok.decode(ids[0, enc.input_ids.shape[1]:], skip_special_tokens=True))
