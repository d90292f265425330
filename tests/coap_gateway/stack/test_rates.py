"""Token buckets."""

from coap_gateway.stack.rates import RateLimiter, retry_after


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    limiter = RateLimiter(rate=2, burst=3, entries_max=10)
    assert [limiter.wait("a", 100.0) for _ in range(3)] == [0, 0, 0]
    assert limiter.wait("a", 100.0) == 0.5
    assert limiter.wait("a", 100.5) == 0
    assert limiter.wait("a", 100.5) > 0


def test_refused_tries_cost_no_tokens() -> None:
    limiter = RateLimiter(rate=1, burst=1, entries_max=10)
    limiter.wait("a", 0.0)
    for _ in range(100):
        limiter.wait("a", 0.5)
    assert limiter.wait("a", 1.0) == 0


def test_keys_do_not_share_a_bucket() -> None:
    limiter = RateLimiter(rate=1, burst=1, entries_max=10)
    assert limiter.wait("a", 0.0) == 0
    assert limiter.wait("b", 0.0) == 0


def test_rate_zero_means_no_limit() -> None:
    limiter = RateLimiter(rate=0, burst=0, entries_max=10)
    assert not any(limiter.wait("a", 0.0) for _ in range(1000))


def test_the_number_of_buckets_is_bounded() -> None:
    limiter = RateLimiter(rate=1, burst=5, entries_max=100)
    for source in range(10_000):
        limiter.wait(source, source / 1000)
    assert len(limiter) <= 100


def test_the_wait_is_given_in_whole_seconds() -> None:
    assert [retry_after(wait) for wait in (0.01, 1.0, 1.2)] == [1, 1, 2]
