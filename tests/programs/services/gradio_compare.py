import gradio as gr
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

BASE = "HuggingFaceTB/SmolLM2-135M"
tokenizer = AutoTokenizer.from_pretrained(BASE)
base_model = AutoModelForCausalLM.from_pretrained(BASE)
tuned_model = PeftModel.from_pretrained(base_model, "out/smol-jokes")
tuned_model.eval()


def run(model, prompt, temperature):
    batch = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        ids = model.generate(**batch, do_sample=temperature > 0, temperature=temperature or None, max_new_tokens=80)
    return tokenizer.decode(ids[0], skip_special_tokens=True)


def compare(prompt, temperature):
    return run(base_model, prompt, temperature), run(tuned_model, prompt, temperature)  # expect: PEFT112


with gr.Blocks(title="before / after") as demo:
    prompt = gr.Textbox(label="Prompt")
    temperature = gr.Slider(0, 2, 0.7, label="Temperature")
    with gr.Row():
        before = gr.Textbox(label="Base model")
        after = gr.Textbox(label="Fine-tuned")
    gr.Button("Go").click(compare, [prompt, temperature], [before, after])

if __name__ == "__main__":
    demo.launch()
