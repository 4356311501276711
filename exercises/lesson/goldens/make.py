"""Writes torch.json: what PyTorch's own AdamW, SGD, LambdaLR and GradScaler do, step by step.

    python3 -m pip install torch==2.13.0 numpy
    python3 exercises/lesson/goldens/make.py

tests/goldens.rs repeats the same runs with the lesson's own parts and compares. Parameters and
gradients come from `value`, a formula on integers whose results float32 holds exactly, so that both
sides start from the same bits.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

STEPS, EVERY = 60, 5
WARMUP, TOTAL = 7, 64
# Factors that are not powers of two, so that the rounding of the scale is compared as well.
SCALER = {"init_scale": 3000.0, "growth_factor": 1.9, "backoff_factor": 0.43, "growth_interval": 6}
# name, shape, group, first step that has a gradient
PARAMS = [
    ("fc1.weight", [5, 7], 0, 0),
    ("fc1.bias", [5], 1, 0),
    ("late.weight", [9], 0, 20),
]
# step, parameter, element, what its unscaled gradient is: "huge" overflows only once it is scaled.
OVERFLOWS = [
    (0, "fc1.weight", 3, "inf"),
    (11, "fc1.bias", 4, "nan"),
    (12, "fc1.weight", 34, "-inf"),
    (31, "late.weight", 8, "huge"),
    (44, "fc1.bias", 0, "-inf"),
]
SPECIAL = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan, "huge": 2.0**126}
GROUPS = [{"lr": 0.02, "weight_decay": 0.1}, {"lr": 0.05, "weight_decay": 0.0}]
OPTIMIZERS = {
    "adamw": {"betas": [0.9, 0.98], "eps": 1e-8},
    "sgd": {"momentum": 0.9},
}


def value(step, param, element):
    """A multiple of 2^-16 from -1/2 up to, not including, 1/2."""
    mixed = (step * 7919 + param * 104729 + element * 1299709 + 12345) * 2654435761 % 2**32
    return (mixed // 2**16 - 2**15) / 2**16


def tensor(step, param, shape):
    return torch.tensor([value(step, param, i) for i in range(math.prod(shape))]).view(shape)


def factor(step):
    if step < WARMUP:
        return (step + 1) / WARMUP
    return 0.5 * (1 + math.cos(math.pi * min(1, (step - WARMUP) / (TOTAL - WARMUP))))


def numbers(t):
    """The shortest decimals that read back as these float32 values."""
    return [float(str(x)) for x in t.detach().flatten().numpy().astype(np.float32)]


def optimizer(kind, params):
    groups = [
        {"params": [t for t, p in zip(params, PARAMS) if p[2] == g], **options}
        for g, options in enumerate(GROUPS)
    ]
    options = dict(OPTIMIZERS[kind], foreach=False)
    if kind == "adamw":
        return torch.optim.AdamW(groups, betas=options.pop("betas"), fused=False, **options)
    return torch.optim.SGD(groups, fused=False, **options)


def run(kind):
    params = [tensor(0, i, p[1]).requires_grad_() for i, p in enumerate(PARAMS)]
    opt = optimizer(kind, params)
    scheduler = torch.optim.lr_scheduler.LambdaLR(opt, factor)
    scaler = torch.amp.GradScaler("cpu", **SCALER)
    steps = []
    for step in range(STEPS):
        opt.zero_grad()
        grads = [tensor(step + 1, i, p[1]) for i, p in enumerate(PARAMS)]
        for at, name, element, special in OVERFLOWS:
            if at == step:
                index = [p[0] for p in PARAMS].index(name)
                grads[index].view(-1)[element] = SPECIAL[special]
        loss = sum((t * g).sum() for t, g, p in zip(params, grads, PARAMS) if step >= p[3])
        scaler.scale(loss).backward()
        before = [t.detach().clone() for t in params]
        scaler.step(opt)
        skipped = all(torch.equal(a, b) for a, b in zip(before, params))
        scaler.update()
        if not skipped:
            scheduler.step()
        state = scaler.state_dict()
        record = {
            "skipped": skipped,
            "lr": [g["lr"] for g in opt.param_groups],
            "scale": state["scale"],
            "growth_tracker": state["_growth_tracker"],
        }
        if step % EVERY == EVERY - 1:
            record["params"] = {p[0]: numbers(t) for t, p in zip(params, PARAMS)}
            record["state"] = {
                p[0]: {
                    key: int(v) if key == "step" else numbers(v)
                    for key, v in opt.state[t].items()
                }
                for t, p in zip(params, PARAMS)
                if t in opt.state
            }
        steps.append(record)
    return steps


def schedule():
    """The learning rates of each group, to beyond the end of the schedule."""
    opt = optimizer("sgd", [torch.zeros(p[1], requires_grad=True) for p in PARAMS])
    scheduler = torch.optim.lr_scheduler.LambdaLR(opt, factor)
    lrs = [scheduler.get_last_lr()]
    for _ in range(TOTAL + 3):
        opt.step()
        scheduler.step()
        lrs.append(scheduler.get_last_lr())
    return lrs


def scales():
    """A scaler alone: overflows in bursts, then none until float32 has no room to grow."""
    param = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([param], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", **SCALER)
    out = []
    for step in range(1000):
        overflow = step < 60 and step % 7 in (2, 3)
        scaler.scale(param.sum())
        param.grad = torch.tensor([math.inf if overflow else 0.0])
        scaler.step(opt)
        scaler.update()
        out.append([overflow, scaler.get_scale(), scaler.state_dict()["_growth_tracker"]])
    return out


golden = {
    "torch": torch.__version__.split("+")[0],
    "warmup_steps": WARMUP,
    "total_steps": TOTAL,
    "scaler": SCALER,
    "groups": GROUPS,
    "params": [
        {"name": n, "shape": s, "group": g, "first_step": f} for n, s, g, f in PARAMS
    ],
    "overflows": [
        {"step": s, "param": p, "element": e, "gradient": x} for s, p, e, x in OVERFLOWS
    ],
    "options": OPTIMIZERS,
    "adamw": run("adamw"),
    "sgd": run("sgd"),
    "schedule": schedule(),
    "scales": scales(),
}
path = Path(__file__).with_name("torch.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
skips = [i for i, s in enumerate(golden["adamw"]) if s["skipped"]]
print(f"{path}: {path.stat().st_size} bytes, PyTorch {torch.__version__}, skipped {skips}")
