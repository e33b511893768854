import gradio as gr
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "base"
tok = AutoTokenizer.from_pretrained(BASE)
model = AutoModelForCausalLM.from_pretrained(BASE)
loaded = {}


def load(name):
    global model
    model = PeftModel.from_pretrained(model, f"adapters/{name}")
    loaded[name] = True
    return f"{name} loaded"


def run(prompt):
    return tok.decode(model.generate(**tok(prompt, return_tensors="pt"))[0])


with gr.Blocks() as demo:
    name = gr.Dropdown(["a", "b"])
    gr.Button("load").click(load, name, gr.Textbox())
    prompt = gr.Textbox()
    gr.Button("go").click(run, prompt, gr.Textbox())
demo.launch()
