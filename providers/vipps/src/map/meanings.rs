//! What each body of `fixtures/` means, as tables for `fixtures_test`. Data alone: how a meaning is
//! checked is said there.

/// Name; authorised, captured, released, refunded of 349 kroner; standing.
pub const PAYMENTS: &str = "
    epayment-created                      0      0      0      0  pending
    epayment-authorized               34900      0      0      0  approved
    epayment-authorized-with-profile  34900      0      0      0  approved
    epayment-partly-captured          34900  10000      0      0  approved
    epayment-captured                 34900  34900      0      0  approved
    epayment-captured-then-released   34900  10000  24900      0  approved
    epayment-released                 34900      0  34900      0  approved
    epayment-partly-refunded          34900  34900      0   4900  approved
    epayment-refunded                 34900  34900      0  34900  approved
    epayment-aborted                      0      0      0      0  cancelled
    epayment-expired                      0      0      0      0  expired
    epayment-terminated                   0      0      0      0  cancelled
    epayment-strange-state                0      0      0      0  HALF_WAY
    epayment-terminated-and-authorized    0      0      0      0  \
        TERMINATED: it is over and yet authorised
    epayment-aborted-and-captured         0      0      0      0  \
        ABORTED: it is over and yet captured
    epayment-expired-and-authorized       0      0      0      0  \
        EXPIRED: it is over and yet authorised
    epayment-over-captured                0      0      0      0  \
        AUTHORIZED: more is captured or released than was authorised
    epayment-over-refunded                0      0      0      0  \
        AUTHORIZED: more is refunded than was captured
    epayment-mixed-currencies             0      0      0      0  \
        AUTHORIZED: the amounts are in different currencies
    epayment-without-aggregate            0      0      0      0  \
        AUTHORIZED: the aggregate is missing";

/// The same of a charge of 99 kroner.
pub const CHARGES: &str = "
    charge-pending                   0     0     0     0  pending
    charge-due                       0     0     0     0  pending
    charge-processing                0     0     0     0  pending
    charge-in-doubt                  0     0     0     0  pending
    charge-reserved               9900     0     0     0  approved
    charge-partially-captured     9900  4000     0     0  approved
    charge-captured-then-released 9900  4000  5900     0  approved
    charge-charged                9900  9900     0     0  approved
    charge-partially-refunded     9900  9900     0   900  approved
    charge-refunded               9900  9900     0  9900  approved
    charge-released               9900     0  9900     0  approved
    charge-failed                    0     0     0     0  declined
    charge-failed-without-summary    0     0     0     0  declined
    charge-failed-and-captured       0     0     0     0  FAILED: it is over and yet captured
    charge-cancelled                 0     0     0     0  cancelled
    charge-cancelled-and-captured    0     0     0     0  CANCELLED: it is over and yet captured
    charge-cancelled-and-refunded    0     0     0     0  CANCELLED: it is over and yet refunded
    charge-strange-status            0     0     0     0  ON_HOLD
    charge-summary-behind            0     0     0     0  CHARGED: nothing is captured
    charge-over-refunded             0     0     0     0  \
        REFUNDED: more is refunded than was captured
    charge-without-summary           0     0     0     0  CHARGED: the summary is missing";

/// Agreement; initial charge, where there is one; what was ordered; how the permission stands;
/// the four amounts; standing.
pub const FIRST_PAYMENTS: &str = "
    agreement-pending              -                           100  none     0    0    0    0  pending
    agreement-pending              -                             0  none     0    0    0    0  pending
    agreement-active               -                             0  given    0    0    0    0  approved
    agreement-active               initial-pending             100  given    0    0    0    0  pending
    agreement-active               initial-reserved            100  given  100    0    0    0  approved
    agreement-active               initial-charged             100  given  100  100    0    0  approved
    agreement-active               initial-released            100  given  100    0  100    0  approved
    agreement-active               initial-failed              100  given    0    0    0    0  declined
    agreement-active-with-profile  initial-reserved            100  given  100    0    0    0  approved
    agreement-rejected             -                           100  over     0    0    0    0  cancelled
    agreement-rejected             -                             0  over     0    0    0    0  cancelled
    agreement-rejected             initial-cancelled           100  over     0    0    0    0  cancelled
    agreement-stopped-later        -                             0  over     0    0    0    0  cancelled
    agreement-stopped-later        initial-reserved            100  over   100    0    0    0  approved
    agreement-stopped-later        initial-charged             100  over   100  100    0    0  approved
    agreement-stopped-later        initial-released            100  over   100    0  100    0  approved
    agreement-stopped-later        initial-pending             100  over     0    0    0    0  cancelled
    agreement-stopped-later        initial-due                 100  over     0    0    0    0  cancelled
    agreement-stopped-later        initial-processing          100  over     0    0    0    0  pending
    agreement-stopped-later        initial-in-doubt            100  over     0    0    0    0  pending
    agreement-stopped-later        initial-failed              100  over     0    0    0    0  cancelled
    agreement-expired              -                           100  over     0    0    0    0  expired
    agreement-expired              -                             0  over     0    0    0    0  expired
    agreement-expired              initial-cancelled           100  over     0    0    0    0  expired
    agreement-expired              initial-failed              100  over     0    0    0    0  declined
    agreement-expired              initial-processing          100  over     0    0    0    0  pending
    agreement-expired              initial-in-doubt            100  over     0    0    0    0  pending
    agreement-expired              initial-charged             100  over   100  100    0    0  approved
    agreement-expired              initial-failed-and-captured 100  over     0    0    0    0  \
        FAILED: it is over and yet captured
    agreement-strange-status       -                             0  none     0    0    0    0  PAUSED
    agreement-strange-status       initial-pending             100  none     0    0    0    0  PAUSED";

/// Name; status; whether it may have happened; code; kind.
pub const PROBLEMS: &str = "
    problem-not-reserved          400  no   6080                      Refused
    problem-payer-was-faster      400  no   6060                      Refused
    problem-reference-unknown     404  no   5090                      NotFound
    problem-reference-exists      409  yes  4150                      Refused
    problem-locked                423  no   6160                      RateLimited
    problem-validation            400  no   -                         Refused
    problem-due-too-soon          400  no   charge-due-too-soon       Refused
    problem-amount-too-high       400  no   charge-amount-too-high    Refused
    problem-illegal-update        400  no   illegal-agreement-update  Refused
    problem-idempotency-conflict  409  yes  idempotency-conflict      Refused
    problem-agreement-unknown     404  no   -                         NotFound
    problem-gateway               401  no   -                         Unauthorized
    problem-gateway-recurring     401  no   -                         Unauthorized
    problem-client-secret         401  no   unauthorized_client       Unauthorized";

/// Name; authorised, captured, released, refunded, as the event log has it.
pub const LOGS: &str = "
    log-captured                      34900    500      0      0";

/// The words of each line; the last field keeps its spaces.
pub fn rows<const FIELDS: usize>(table: &str) -> Vec<[String; FIELDS]> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let first: Vec<_> = words.by_ref().take(FIELDS - 1).map(str::to_owned).collect();
            let rest = words.collect::<Vec<_>>().join(" ");
            [first, vec![rest]].concat().try_into().unwrap()
        })
        .collect()
}
