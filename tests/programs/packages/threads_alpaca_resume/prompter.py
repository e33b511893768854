template = {
    "prompt_input": "Below is an instruction that describes a task, paired with an input.\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n",
    "prompt_no_input": "Below is an instruction that describes a task.\n\n### Instruction:\n{instruction}\n\n### Response:\n",
}


def generate_prompt(dp):
    key = "prompt_input" if dp.get("input") else "prompt_no_input"
    return template[key].format(**dp) + dp["output"]
