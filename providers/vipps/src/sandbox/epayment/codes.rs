//! The provider's table of ePayment error codes, and the HTTP status of each. The provider states
//! only families of statuses; where it is silent this is our choice, and 400.

/// Code, HTTP status, title.
const CODES: [(&str, u16, &str); 34] = [
    ("4010", 409, "Capture idempotency conflict"),
    ("4020", 409, "Idempotency error"),
    ("4040", 400, "Invalid amount"),
    ("4050", 400, "Invalid CustomerToken"),
    ("4060", 400, "Invalid PersonalQr"),
    ("4070", 400, "Invalid phone number"),
    ("4080", 400, "Invalid scope"),
    ("4090", 400, "Invalid URL"),
    ("4100", 400, "Metadata capacity exceeded"),
    ("4120", 400, "Metadata key length exceeded"),
    ("4130", 400, "Metadata value length exceeded"),
    ("4140", 400, "Missing required parameter"),
    ("4150", 409, "Idempotency error"),
    ("4160", 400, "Invalid payment method type"),
    ("5010", 400, "Blocking sources not applicable"),
    ("5020", 400, "Express payment not allowed"),
    ("5030", 400, "Illegal scope"),
    ("5040", 400, "Invalid currency for merchant"),
    ("5050", 400, "Long-living payment not allowed"),
    ("5080", 400, "PUSH_MESSAGE not allowed"),
    ("5090", 404, "Reference not found"),
    ("5100", 400, "Refund not possible"),
    ("6020", 400, "Attempted refund before reservation"),
    ("6030", 400, "Cancel period expired"),
    ("6040", 400, "Cannot cancel a captured payment"),
    ("6060", 400, "Cannot cancel authorized payment"),
    ("6070", 400, "Cannot capture a cancelled payment"),
    ("6080", 400, "Cannot capture before reservation"),
    ("6090", 400, "Capture amount too high"),
    ("6100", 400, "Capture period expired"),
    ("6150", 400, "Not enough refundable"),
    ("6170", 400, "Payment already captured"),
    ("6190", 400, "Payment cannot be cancelled"),
    ("6220", 400, "Refund period expired"),
];
/// Those of captures that the bank stops, and of the force approve of the test environment.
const MORE: [(&str, u16, &str); 4] = [
    ("6230", 400, "Payment is already reserved"),
    ("6260", 400, "Funds unavailable"),
    ("6280", 400, "Capture failed, please try again later"),
    ("10010", 400, "Approve failed"),
];

pub(crate) fn find(code: &str) -> (u16, &'static str) {
    CODES
        .iter()
        .chain(&MORE)
        .find(|(known, ..)| *known == code)
        .map_or((400, "Bad Request"), |(_, status, title)| (*status, title))
}
