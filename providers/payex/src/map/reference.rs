//! `payeeReference`: unique for every create, capture, release, refund and charge. PayEx refuses one
//! that it has seen, which makes it the guard against doing a thing twice (CONTRACT 8.11).

use mcpay_port::{Operation, ProviderError};
use uuid::Uuid;

use crate::config::ReferenceForm;
use crate::problem::unsupported;

const DIGITS: [char; 36] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I',
    'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
];
/// 36^25 is more than 2^128.
const BASE36_LENGTH: usize = 25;
const LARGEST_NUMBER: u64 = 999_999_999_999;

pub fn payee_reference(form: ReferenceForm, operation: Operation) -> Result<String, ProviderError> {
    match form {
        ReferenceForm::Base36 => Ok(base36(operation.id.0)),
        ReferenceForm::Digits12 if operation.number > LARGEST_NUMBER => Err(unsupported(
            "the operation's number has more than 12 digits, which is all that PayEx takes",
        )),
        ReferenceForm::Digits12 => Ok(format!("{:012}", operation.number)),
    }
}

fn base36(id: Uuid) -> String {
    let mut rest = id.as_u128();
    let mut digits = ['0'; BASE36_LENGTH];
    for digit in digits.iter_mut().rev() {
        let index = usize::try_from(rest % 36).unwrap_or_default();
        *digit = DIGITS.get(index).copied().unwrap_or('0');
        rest /= 36;
    }
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcpay_port::OperationId;
    use proptest::prelude::*;

    fn operation(id: u128, number: u64) -> Operation {
        Operation {
            id: OperationId(Uuid::from_u128(id)),
            number,
        }
    }

    #[test]
    fn the_smallest_and_largest_ids_have_25_characters() {
        assert_eq!(base36(Uuid::nil()), "0".repeat(25));
        assert_eq!(base36(Uuid::max()), "F5LXX1ZZ5PNORYNQGLHZMSP33");
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused_rather_than_cut() {
        let digits = |number| payee_reference(ReferenceForm::Digits12, operation(1, number));
        assert_eq!(digits(120_000_000_001).unwrap(), "120000000001");
        assert_eq!(digits(7).unwrap(), "000000000007");
        assert!(digits(1_000_000_000_000).is_err());
    }

    proptest! {
        #[test]
        fn a_reference_can_be_read_back_so_no_two_operations_share_one(id in any::<u128>()) {
            let text = payee_reference(ReferenceForm::Base36, operation(id, 0)).unwrap();
            prop_assert_eq!(text.len(), 25);
            prop_assert!(text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()));
            prop_assert_eq!(u128::from_str_radix(&text, 36), Ok(id));
        }

        #[test]
        fn twelve_digits_can_be_read_back(number in 0..=LARGEST_NUMBER) {
            let text = payee_reference(ReferenceForm::Digits12, operation(1, number)).unwrap();
            prop_assert_eq!(text.len(), 12);
            prop_assert_eq!(text.parse::<u64>(), Ok(number));
        }
    }
}
