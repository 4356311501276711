//! Which faults the calls of a save may run into.

use crate::recording::{FileCall, Followed};
use crate::scenario::CallFault;

/// Each call, counted from 1, with each way in which the manual page lets it fail.
pub fn faults(save: &Followed) -> Vec<(u32, CallFault)> {
    let numbered = (1..).zip(&save.calls);
    numbered.flat_map(|(number, call)| of(call).iter().map(move |fault| (number, *fault))).collect()
}

fn of(call: &FileCall) -> &'static [CallFault] {
    use CallFault::{Interrupted, Io, NoSpace, Quota, Short};
    match call {
        FileCall::Write { bytes: 2.., .. } => &[NoSpace, Quota, Io, Interrupted, Short],
        FileCall::Write { .. }
        | FileCall::Open { .. }
        | FileCall::Allocate { .. }
        | FileCall::Truncate { .. }
        | FileCall::Sync { .. }
        | FileCall::Close { .. } => &[NoSpace, Quota, Io, Interrupted],
        FileCall::Rename { .. }
        | FileCall::Link { .. }
        | FileCall::Symlink { .. }
        | FileCall::MakeDirectory { .. } => &[NoSpace, Quota, Io],
        FileCall::Unlink { .. } | FileCall::Map { .. } => &[Io],
        // It cannot fail.
        FileCall::SyncAll => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_fails_in_every_way_that_it_can() {
        let path = || "a".to_owned();
        let calls = vec![
            FileCall::Write { path: path(), offset: 0, bytes: 10 },
            FileCall::SyncAll,
            FileCall::Rename { from: path(), to: path() },
        ];
        let all = faults(&Followed { calls, ..Followed::default() });
        let of_call = |call| all.iter().filter(|(number, _)| *number == call).count();
        assert_eq!([of_call(1), of_call(2), of_call(3)], [5, 0, 3]);
    }
}
