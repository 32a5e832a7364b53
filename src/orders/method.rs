//! How an order is paid, as a merchant's backend names it: the methods this service takes money
//! with, and those that are settled elsewhere or not at all.

use mcpay_port::PaymentMethod;

use crate::payments::named;

named! {
    /// `paymentMethod` of an order.
    OrderMethod {
        Invoice => "invoice",
        Free => "free",
        Sms => "sms",
        SmsPay => "smsPay",
        VippsRecurring => "vippsRecurring",
        VippsEcommerce => "vippsEcommerce",
        Kco => "kco",
        CreditcardPayex => "creditcardPayex",
        SwishPayex => "swishPayex",
        Nexi => "nexi",
        Other => "other",
        /// Older names, which backends may still send.
        Creditcard => "creditcard",
        Masterpass => "masterpass",
    }
}

/// For the sentence that says what may be sent.
pub const METHOD_NAMES: &str = "invoice, free, sms, smsPay, vippsRecurring, vippsEcommerce, kco, \
                                creditcardPayex, swishPayex, nexi, other, creditcard, masterpass";

impl OrderMethod {
    /// The payment that this service can take for it.
    pub fn payment_method(self) -> Option<PaymentMethod> {
        self.as_str().parse().ok()
    }

    /// Cards, which may pay for several orders at once (CONTRACT 5).
    pub const fn is_card(self) -> bool {
        matches!(self, Self::CreditcardPayex | Self::Nexi)
    }

    /// Whether an order is complete without money that anybody has to see first.
    pub const fn needs_no_payment(self) -> bool {
        matches!(self, Self::Invoice | Self::Free | Self::Sms | Self::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_is_read_back_by_its_name_and_told_in_the_sentence() {
        for name in METHOD_NAMES.split(", ") {
            let method = OrderMethod::from_name(name).unwrap();
            assert_eq!(method.as_str(), name);
        }
        assert_eq!(OrderMethod::from_name("card"), None);
    }

    #[test]
    fn the_service_takes_money_by_the_four_methods_of_the_token() {
        let interactive: Vec<_> = METHOD_NAMES
            .split(", ")
            .filter_map(OrderMethod::from_name)
            .filter_map(OrderMethod::payment_method)
            .collect();
        assert_eq!(interactive.len(), PaymentMethod::ALL.len());
    }
}
