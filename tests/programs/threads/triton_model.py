import json

import numpy as np
import torch
import triton_python_backend_utils as pb_utils
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class TritonPythonModel:
    """Triton python backend. config.pbtxt has parameters model_path, aa_lora_weights, bb_lora_weights."""

    def initialize(self, args):
        cfg = json.loads(args["model_config"])
        par = {k: v["string_value"] for k, v in cfg["parameters"].items()}
        self.tokenizer = AutoTokenizer.from_pretrained(par["model_path"])
        model = AutoModelForCausalLM.from_pretrained(
            par["model_path"],
            low_cpu_mem_usage=True,
            torch_dtype=getattr(torch, par["torch_dtype"], None),
            device_map={"": 0},
        )
        model = torch.compile(model)
        self.model = PeftModel.from_pretrained(model, par["aa_lora_weights"], adapter_name="aa")  # expect: PEFT304
        self.model.load_adapter(par["bb_lora_weights"], adapter_name="bb")
        self.model.eval()

    def execute(self, requests):
        responses = []
        for request in requests:
            prompt = pb_utils.get_input_tensor_by_name(request, "prompt").as_numpy()[0].decode()
            lora = pb_utils.get_input_tensor_by_name(request, "lora").as_numpy()[0].decode()
            self.model.set_adapter(lora)
            enc = self.tokenizer(prompt, return_tensors="pt").to("cuda:0")
            with torch.no_grad():
                out = self.model.generate(**enc, max_new_tokens=128, do_sample=False)
            text = self.tokenizer.decode(out[0][enc["input_ids"].shape[1] :], skip_special_tokens=True)
            t = pb_utils.Tensor("completion", np.array([text.encode()], dtype=object))
            responses.append(pb_utils.InferenceResponse(output_tensors=[t]))
        return responses

    def finalize(self):
        del self.model
