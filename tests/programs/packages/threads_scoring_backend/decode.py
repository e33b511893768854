import sys

from scorer import VirtualLM

LORAS = {"json": "adapters/json-mode", "sql": "adapters/sql-mode"}


def greedy(lm, prompt, allowed=None, n=64):
    ids = lm.tok(prompt).input_ids
    for _ in range(n):
        lp = lm.next_logprobs(ids)
        if allowed is not None:
            lp = lp.index_select(0, allowed)
            nxt = int(allowed[lp.argmax()])
        else:
            nxt = int(lp.argmax())
        if nxt == lm.tok.eos_token_id:
            break
        ids = ids + [nxt]
    return lm.tok.decode(ids)


if __name__ == "__main__":
    lm = VirtualLM("Qwen/Qwen2.5-1.5B", LORAS)
    prompt = sys.stdin.read()
    for mode in LORAS:
        lm.set_lora(mode)
        print(mode, "->", greedy(lm, prompt), "(hits", lm.hits, ")")
