"""Every bound of the stack, with its number and unit."""

from __future__ import annotations

from dataclasses import dataclass

BODY_BYTES_MAX = 2048
UNAUTHENTICATED_BYTES_MAX = 136
EXCHANGE_LIFETIME_S = 247.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one server; rates are requests a second, bursts are requests.

    ``unauthenticated_*`` holds per source address for requests that carry no valid OSCORE.
    De-duplication forgets the oldest when full: a copy that comes later than that is caught by
    the OSCORE replay window (4.01) or, without OSCORE, runs again. A context takes 1.9 kB.
    """

    body_bytes_max: int = BODY_BYTES_MAX
    unauthenticated_bytes_max: int = UNAUTHENTICATED_BYTES_MAX
    requests_in_flight_max: int = 4096
    requests_in_flight_per_peer_max: int = 16
    empty_ack_delay_s: float = 0.5

    credential_rate: float = 10.0
    credential_burst: int = 60
    source_rate: float = 10_000.0
    source_burst: int = 20_000
    unauthenticated_rate: float = 20.0
    unauthenticated_burst: int = 60
    refusal_rate: float = 10.0
    refusal_burst: int = 20
    rate_entries_max: int = 262_144

    dedup_age_s: float = EXCHANGE_LIFETIME_S
    dedup_entries_max: int = 131_072
    dedup_entries_per_peer_max: int = 256
    dedup_bytes_max: int = 16 * 1024 * 1024
    dedup_bytes_per_peer_max: int = 64 * 1024

    block1_total_max: int = 1024
    block1_per_peer_max: int = 2
    block1_age_s: float = 93.0
    block2_kept_max: int = 1024
    block2_age_s: float = 60.0

    observers_total_max: int = 100_000
    observers_per_credential_max: int = 8
    observer_confirm_every: int = 8
    observer_confirm_s: float = 3600.0

    contexts_max: int = 250_000
    context_loads_max: int = 64
    context_waiting_max: int = 4096
    unknown_kid_s: float = 2.0
    unknown_kids_max: int = 4096
    sequence_block: int = 64
    replay_window_bits: int = 64
    echo_age_s: float = 60.0
    ownership_check_s: float = 5.0

    answer_s: float = 93.0

    ack_timeout_s: float = 2.0
    ack_random_factor: float = 1.5
    retransmissions_max: int = 4
