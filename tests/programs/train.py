"""A trainer that knows nothing of killresume: pure Python, no framework.

train.py HOW DIR: trains to its end, saves after each epoch, and resumes from what it finds in DIR.
"""

import ctypes
import json
import mmap
import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time

HOW, DIR = sys.argv[1], sys.argv[2]
EPOCHS, STEPS = 5, 50


def path(name):
    return os.path.join(DIR, name)


def sync_directory():
    fd = os.open(DIR, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def write(name, text, sync=True):
    with open(path(name), "w") as file:
        file.write(text)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def save(text):
    if HOW == "in-place":
        return write("latest", text)
    if HOW == "no-fsync":
        write("tmp", text, sync=False)
        return os.replace(path("tmp"), path("latest"))
    if HOW == "remove-first" and os.path.exists(path("latest")):
        os.remove(path("latest"))
    if HOW == "silent":
        try:
            write("tmp", text)
        except OSError:
            return None
    elif HOW == "random-name":
        fd, name = tempfile.mkstemp(dir=DIR)
        os.write(fd, text.encode())
        os.fsync(fd)
        os.close(fd)
        os.rename(name, path("tmp"))
    elif HOW == "mmap":
        size = len(text)
        with open(path("tmp"), "wb+") as file:
            os.ftruncate(file.fileno(), size)
            with mmap.mmap(file.fileno(), size) as memory:
                memory[:] = text.encode()
                memory.flush()
            os.fsync(file.fileno())
    elif HOW == "io-uring":
        # io_uring_setup(2), which libc has no function for; whether the kernel allows it does not matter.
        ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120))
        write("tmp", text)
    elif HOW == "symlink":
        name = "step-%d" % json.loads(text)["epoch"]
        write(name, text)
        if os.path.lexists(path("link")):
            os.remove(path("link"))
        os.symlink(name, path("link"))
        sync_directory()
        os.replace(path("link"), path("latest"))
        return sync_directory()
    else:
        write("tmp", text)
    os.replace(path("tmp"), path("latest"))
    sync_directory()


def main():
    generator = random.Random(7)
    state = {"epoch": 0, "weight": 1.0, "rng": None}
    if os.path.exists(path("latest")) and HOW != "from-zero":
        with open(path("latest")) as file:
            state = json.load(file)
        if HOW != "no-rng":
            version, numbers, gauss = state["rng"]
            generator.setstate((version, tuple(numbers), gauss))
    while state["epoch"] < EPOCHS:
        for _ in range(STEPS):
            state["weight"] += generator.random() / STEPS
        state["epoch"] += 1
        version, numbers, gauss = generator.getstate()
        state["rng"] = [version, list(numbers), gauss]
        state["note"] = {"time": time.time(), "place": DIR}.get(HOW)
        text = json.dumps(state)
        if HOW == "thread":
            saver = threading.Thread(target=save, args=(text,))
        elif HOW == "child":
            saver = multiprocessing.get_context("fork").Process(target=save, args=(text,))
        else:
            saver = None
        if saver:
            saver.start()
            saver.join()
        else:
            save(text)
        with open(path("curve"), "a") as file:
            print(state["epoch"], state["weight"], file=file)
        print("epoch", state["epoch"], flush=True)


main()
