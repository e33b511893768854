# Gradio playground where the user picks a writing style.
import gradio as gr
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

STYLES = {
    "Shakespeare": "loras/shakespeare",
    "Hemingway": "loras/hemingway",
    "Press release": "loras/press",
}
BASE = "microsoft/phi-2"

tokenizer = AutoTokenizer.from_pretrained(BASE)
base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float16).to("cuda")
model = PeftModel.from_pretrained(base, STYLES["Shakespeare"])
current = "Shakespeare"


def switch(style):
    global model, current
    if style != current:
        model = PeftModel.from_pretrained(model, STYLES[style])  # expect: PEFT103
        model.eval()
        current = style
    return f"Loaded: {current}"


def write(prompt, max_tokens):
    enc = tokenizer(prompt, return_tensors="pt").to("cuda")
    with torch.no_grad():
        ids = model.generate(**enc, max_new_tokens=int(max_tokens), do_sample=True, top_p=0.9)
    return tokenizer.decode(ids[0], skip_special_tokens=True)


with gr.Blocks(title="Style writer") as demo:
    with gr.Row():
        dd = gr.Dropdown(list(STYLES), value=current, label="Style")
        status = gr.Markdown(f"Loaded: {current}")
    box = gr.Textbox(lines=4, label="Prompt")
    n = gr.Slider(16, 512, 128, step=16, label="Tokens")
    out = gr.Textbox(lines=10, label="Text")
    dd.change(switch, dd, status)
    gr.Button("Write").click(write, [box, n], out)

if __name__ == "__main__":
    demo.launch()
