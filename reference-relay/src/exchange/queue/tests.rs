use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn filled(frames: usize, size: usize, limits: &Limits) -> Queue {
    let mut queue = Queue::default();
    for _ in 0..frames {
        assert_eq!(queue.push(size, Duration::ZERO, limits), Health::Fine);
    }
    queue
}

#[test]
fn the_soft_mark_is_passed_by_one_frame_or_one_byte() {
    let limits = Limits::default();
    assert_eq!(filled(128, 200, &limits).room(), Room::Free);
    assert_eq!(filled(129, 200, &limits).room(), Room::Wait);
    assert_eq!(filled(1, 524_288, &limits).room(), Room::Free);
    assert_eq!(filled(1, 524_289, &limits).room(), Room::Wait);
}

#[test]
fn writers_go_on_below_half_of_both() {
    let limits = Limits::default();
    let mut queue = filled(129, 200, &limits);
    for left in (64..129).rev() {
        assert!(!queue.pop(200, &limits), "{left} frames left");
        assert_eq!(queue.room(), Room::Wait);
    }
    assert!(queue.pop(200, &limits), "63 frames left");
    assert_eq!(queue.room(), Room::Free);

    let mut queue = filled(3, 262_144, &limits);
    assert!(!queue.pop(262_144, &limits) && !queue.pop(262_144, &limits), "half is not below half");
    assert!(queue.pop(262_144, &limits));
}

#[test]
fn the_hard_mark_is_deadly_when_reached() {
    let limits = Limits::default();
    let mut queue = filled(1_023, 200, &limits);
    assert_eq!(queue.push(200, SECOND, &limits), Health::Dead);
    let mut queue = filled(3, 1_048_576, &limits);
    assert_eq!(queue.push(1_048_575, SECOND, &limits), Health::Fine);
    assert_eq!(queue.push(1, SECOND, &limits), Health::Dead);
}

#[test]
fn progress_is_judged_by_windows() {
    let limits = Limits::default();
    let mut queue = filled(1, 1_000_000, &limits);
    assert_eq!(queue.next_check(&limits), Some(5 * SECOND));
    queue.took(16_384, 4 * SECOND);
    assert_eq!(queue.check(5 * SECOND, &limits), Health::Fine);
    assert_eq!(queue.room(), Room::Wait);

    queue.took(16_383, 6 * SECOND);
    assert_eq!(queue.check(10 * SECOND - Duration::from_millis(1), &limits), Health::Fine);
    assert_eq!(queue.room(), Room::Wait);
    assert_eq!(queue.check(10 * SECOND, &limits), Health::Fine);
    assert_eq!(queue.room(), Room::Refused);
    assert_eq!(queue.next_check(&limits), Some(36 * SECOND), "30 s after the last byte");
}

#[test]
fn refusing_lasts_until_the_low_mark() {
    let limits = Limits::default();
    let mut queue = filled(129, 200, &limits);
    queue.refuse();
    for _ in 0..65 {
        assert!(!queue.pop(200, &limits));
        assert_eq!(queue.room(), Room::Refused);
    }
    assert!(queue.pop(200, &limits));
    assert_eq!(queue.room(), Room::Free);
}

#[test]
fn nothing_taken_for_thirty_seconds_is_dead_while_writers_wait() {
    let limits = Limits::default();
    let mut queue = filled(129, 200, &limits);
    queue.took(1, SECOND);
    assert_eq!(queue.check(31 * SECOND - Duration::from_millis(1), &limits), Health::Fine);
    assert_eq!(queue.check(31 * SECOND, &limits), Health::Dead);

    let mut queue = filled(129, 200, &limits);
    (0..65).for_each(|_| assert!(!queue.pop(200, &limits)));
    assert_eq!(queue.check(30 * SECOND, &limits), Health::Dead, "not yet below the low mark");
    assert!(queue.pop(200, &limits));
    assert_eq!(queue.check(300 * SECOND, &limits), Health::Fine);
    let mut calm = filled(128, 200, &limits);
    assert_eq!(calm.check(300 * SECOND, &limits), Health::Fine);
    assert_eq!(calm.next_check(&limits), None);
}
