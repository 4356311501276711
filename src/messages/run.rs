//! What is said while runs are carried out, and when one of them cannot be judged.

messages! {
    // What the user asked for.
    bad_epochs() {
        en: "expected epochs before and after the kill, each from 1 to 10000, such as 5+5",
        ko: "kill 전과 후의 epoch 수를 각각 1에서 10000 사이로 5+5처럼 적어 주세요",
    }
    bad_kill_point() {
        en: "expected one of epoch:5, step:137, event:60, save:latest:begin, save:latest:write, save:latest:end, and the same of save:best (numbers start at 1)",
        ko: "epoch:5, step:137, event:60, save:latest:begin, save:latest:write, save:latest:end, 그리고 save:best의 같은 지점 가운데 하나로 적어 주세요 (숫자는 1부터예요)",
    }
    bad_injection() {
        en: "expected something like save:latest:call:3:ENOSPC: the save (latest or best), the number of its call from 1, and one of ENOSPC, EDQUOT, EIO, EINTR, short",
        ko: "save:latest:call:3:ENOSPC처럼 적어 주세요: 저장의 종류 (latest나 best), 몇 번째 시스템 콜인지 (1부터), 그리고 ENOSPC, EDQUOT, EIO, EINTR, short 가운데 하나예요",
    }
    kill_after_the_end(kill: &str, total: u64) {
        en: "--kill {kill}: the run has {total} epochs in all, so the kill must come before the last epoch; choose another --kill or other --epochs",
        ko: "--kill {kill}: 전체가 {total} epoch이니 kill은 마지막 epoch보다 앞이어야 해요. --kill이나 --epochs를 바꿔 주세요",
    }
    kill_point_not_reached(kill: &str, epochs: u64, steps: u64) {
        en: "--kill {kill} was never reached: the run ended by itself after {epochs} epochs and {steps} steps; choose an earlier point, or a save that this trainer makes",
        ko: "--kill {kill} 지점에 닿지 않았어요. 학습이 {epochs} epoch, {steps} step 만에 스스로 끝났어요. 더 이른 지점이나 이 trainer가 실제로 저장하는 시점을 골라 주세요",
    }

    no_write(kill: &str) {
        en: "--kill {kill} was never reached: the save ended, and no such call was seen on a file of the run's directory during it; what is written through a memory map or by io_uring cannot be cut, so choose begin or end instead",
        ko: "--kill {kill} 지점에 닿지 않았어요. 저장이 끝날 때까지 run의 폴더에 있는 파일에서 그런 시스템 콜을 보지 못했어요. 메모리 맵이나 io_uring으로 하는 저장은 도중에 끊을 수 없으니 begin이나 end를 골라 주세요",
    }
    write_kill_needs_linux() {
        en: "following system calls needs Linux on x86_64 or aarch64, so a kill inside a save is not possible here; a kill at an epoch, at a step, and before or after a save is: epoch:E, step:N, save:latest:begin, save:latest:end",
        ko: "시스템 콜은 x86_64나 aarch64의 Linux에서만 따라갈 수 있어서 여기서는 저장 도중에 kill할 수 없어요. epoch:E, step:N, save:latest:begin, save:latest:end 지점의 kill은 여기서도 돼요",
    }
    cannot_follow(errno: &str) {
        en: "cannot follow the trainer's system calls: ptrace was refused ({errno}). In a container allow it with --cap-add=SYS_PTRACE, elsewhere set /proc/sys/kernel/yama/ptrace_scope to 0 or 1, and run it outside strace and debuggers. Without it everything works but kills inside a save: choose epoch:E, step:N, save:latest:begin or save:latest:end",
        ko: "ptrace가 거부되어 trainer의 시스템 콜을 따라갈 수 없어요 ({errno}). 컨테이너라면 --cap-add=SYS_PTRACE로 허용하고, 아니면 /proc/sys/kernel/yama/ptrace_scope를 0이나 1로 바꾸고, strace나 디버거 밖에서 실행해 주세요. 그렇게 할 수 없어도 저장 도중의 kill만 빼고 모두 돼요. epoch:E, step:N, save:latest:begin, save:latest:end 가운데 골라 주세요",
    }
    ended_before_it_was_followed() {
        en: "cannot follow the trainer's system calls: the process that becomes the trainer ended before; look whether the kernel allows seccomp filters, and whether there is memory left",
        ko: "trainer가 될 프로세스가 먼저 끝나서 시스템 콜을 따라갈 수 없어요. 커널이 seccomp 필터를 허용하는지, 메모리가 남아 있는지 확인해 주세요",
    }

    // Who is who.
    role_control() { en: "control run", ko: "control run" }
    role_interrupted() { en: "interrupted run", ko: "interrupted run" }
    role_resumed() { en: "resumed run", ko: "resumed run" }
    role_life() { en: "run that is killed again and again", ko: "되풀이해 kill되는 run" }
    role_scrambled() { en: "run from scrambled files", ko: "파일 내용을 바꾼 run" }

    // Progress.
    progress_epoch(epoch: u64, total: u64) { en: "epoch {epoch}/{total}", ko: "epoch {epoch}/{total}" }
    progress_waiting() { en: "waiting for the kill", ko: "kill을 기다리는 중" }
    progress_starting() { en: "starting", ko: "시작하는 중" }
    progress_done() { en: "done", ko: "끝" }
    progress_killed(epoch: u64, step: u64) {
        en: "SIGKILL after epoch {epoch}, step {step}",
        ko: "SIGKILL · epoch {epoch}, step {step} 뒤",
    }
    line_started(role: &str) { en: "{role}: started", ko: "{role}: 시작했어요" }
    line_epoch(role: &str, epoch: u64, total: u64) {
        en: "{role}: epoch {epoch}/{total}",
        ko: "{role}: epoch {epoch}/{total}",
    }
    line_finished(role: &str) { en: "{role}: finished", ko: "{role}: 끝났어요" }
    line_killed(epoch: u64, step: u64) {
        en: "SIGKILL sent after epoch {epoch}, step {step}; the kernel confirms it (signal 9)",
        ko: "epoch {epoch}, step {step} 뒤에 SIGKILL을 보냈어요. kernel이 확인했어요 (signal 9)",
    }

    // What a trainer did instead of training.
    run_failed(role: &str, what: &str) { en: "{role}: {what}", ko: "{role}: {what}" }
    ending_code(code: i32) { en: "exit code {code}", ko: "exit code {code}" }
    ending_signal(signal: i32, name: &str) {
        en: "signal {signal}, {name}",
        ko: "signal {signal}, {name}",
    }
    fault_never_connected(ending: &str) {
        en: "the trainer ended ({ending}) and never connected to the socket in KILLRESUME_SOCKET",
        ko: "trainer가 KILLRESUME_SOCKET의 socket에 연결하지 않고 끝났어요 ({ending})",
    }
    fault_silent_start(seconds: f64) {
        en: "the trainer did not connect to the socket in KILLRESUME_SOCKET within {seconds} s, so it was killed; a slow start needs a larger --timeout",
        ko: "trainer가 {seconds}초 안에 KILLRESUME_SOCKET의 socket에 연결하지 않아서 강제로 끝냈어요. 시작이 느린 것이라면 --timeout을 늘려 주세요",
    }
    fault_silent(seconds: f64, after: &str) {
        en: "the trainer said nothing for {seconds} s after its event {after:?}, so it was killed as hung; slow training needs a larger --timeout",
        ko: "trainer가 {after:?} event 뒤로 {seconds}초 동안 아무것도 보내지 않아서, 멈춘 것으로 보고 강제로 끝냈어요. 학습이 느린 것이라면 --timeout을 늘려 주세요",
    }
    fault_silent_connected(seconds: f64) {
        en: "the trainer connected and then said nothing for {seconds} s, so it was killed; it must say hello on its first connection",
        ko: "trainer가 연결만 하고 {seconds}초 동안 아무것도 보내지 않아서 강제로 끝냈어요. 첫 연결에서 hello를 보내야 해요",
    }
    fault_impatient(event: &str) {
        en: "the trainer went on after its event {event:?} without waiting for the answer, so no kill can land where it should; after each event it must read one line",
        ko: "trainer가 {event:?} event를 보내고 대답을 기다리지 않았어요. 그러면 정해진 지점에서 kill할 수 없어요. event를 보낼 때마다 대답을 한 줄 읽어야 해요",
    }
    fault_wrong_length(epochs: u64, expected: u64) {
        en: "it finished after {epochs} epochs and was told to train {expected} (--epochs)",
        ko: "{expected} epoch을 학습하라고 했는데(--epochs) {epochs} epoch 만에 끝났어요",
    }
    fault_ended(ending: &str, after: &str) {
        en: "the trainer ended in the middle of the run ({ending}); its last event was {after:?}",
        ko: "trainer가 학습 도중에 끝났어요 ({ending}). 마지막 event: {after:?}",
    }
    fault_ended_silently(ending: &str) {
        en: "the trainer connected, said nothing and ended ({ending})",
        ko: "trainer가 연결만 하고 아무것도 보내지 않은 채 끝났어요 ({ending})",
    }
    fault_limit_wall(seconds: f64) {
        en: "the program ran for more than {seconds} s, so it was killed (limit: wall)",
        ko: "프로그램이 {seconds}초 넘게 실행돼서 강제로 끝냈어요 (limit: wall)",
    }
    fault_limit_cpu(seconds: u64) {
        en: "the program used more than {seconds} s of the processor, so the kernel killed it (limit: cpu)",
        ko: "프로그램이 CPU를 {seconds}초 넘게 써서 kernel이 강제로 끝냈어요 (limit: cpu)",
    }
    fault_limit_memory(mib: u64) {
        en: "the program used more than {mib} MiB of memory, so it was killed (limit: memory)",
        ko: "프로그램이 메모리를 {mib} MiB 넘게 써서 강제로 끝냈어요 (limit: memory)",
    }
    fault_limit_file_size(mib: u64) {
        en: "the program wrote a file of more than {mib} MiB, so the kernel killed it (limit: file-size)",
        ko: "프로그램이 {mib} MiB보다 큰 파일을 만들어서 kernel이 강제로 끝냈어요 (limit: file-size)",
    }
    fault_limit_processes(count: usize) {
        en: "the program had more than {count} processes and threads at a time, so all of them were killed (limit: processes)",
        ko: "프로그램이 프로세스와 thread를 한꺼번에 {count}개 넘게 만들어서 모두 강제로 끝냈어요 (limit: processes)",
    }
    fault_silent_refusal(code: i32) {
        en: "the trainer refused to resume (exit code {code}) and printed nothing; a refusal has to say why",
        ko: "trainer가 resume을 거절하면서(exit code {code}) 아무것도 출력하지 않았어요. 거절할 때는 이유를 밝혀야 해요",
    }
    fault_failed_after_finish(ending: &str) {
        en: "the trainer said that it had finished and then failed ({ending})",
        ko: "trainer가 학습이 끝났다고 알린 뒤에 실패했어요 ({ending})",
    }
    fault_newer_protocol(version: u64, known: u32) {
        en: "the trainer speaks protocol version {version}, this killresume knows version {known}; update the older of the two",
        ko: "trainer의 protocol 버전은 {version}인데 이 killresume은 버전 {known}만 알아요. 둘 중 오래된 쪽을 업데이트해 주세요",
    }
    fault_garbage(line: &str, why: &str) {
        en: "the trainer said something that is not an event of the protocol: {line} ({why})",
        ko: "trainer가 protocol에 없는 것을 보냈어요: {line} ({why})",
    }
    fault_long_line(limit: usize) {
        en: "the trainer wrote a line longer than {limit} bytes to the socket",
        ko: "trainer가 socket에 {limit} byte보다 긴 줄을 보냈어요",
    }
    fault_out_of_order(event: &str, expected: &str) {
        en: "the trainer said {event:?} where the protocol expects: {expected}",
        ko: "protocol에서는 {expected} 차례인데 trainer가 {event:?} event를 보냈어요",
    }
    last_output() { en: "The end of what it printed:", ko: "마지막 출력:" }
    no_output() { en: "It printed nothing.", ko: "아무것도 출력하지 않았어요." }
    cancelled(signal: i32) {
        en: "stopped by signal {signal}; every trainer was killed and no report was written",
        ko: "signal {signal} 때문에 멈췄어요. trainer는 모두 kill했고 report는 쓰지 않았어요",
    }
}
