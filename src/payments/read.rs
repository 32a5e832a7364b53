//! Read: what a merchant's backend may see of its own payments and agreements (CONTRACT 5).

use mcpay_port::{AgreementId, PaymentRef};

use super::agreement::Agreement;
use super::asked::{AskError, PaymentDetails};
use super::payment::{Payment, ProfileAsked};
use super::ports::PaymentFilter;
use super::service::Payments;
use crate::clients::ClientCode;
use crate::ports::StoreError;

impl Payments {
    /// Newest first; the next page begins after the last payment of this one.
    pub async fn list_payments(
        &self,
        client: &ClientCode,
        filter: &PaymentFilter,
    ) -> Result<Vec<Payment>, StoreError> {
        self.store.list_payments(client, filter).await
    }

    /// As stored: nobody is asked.
    pub async fn read_payment(
        &self,
        client: &ClientCode,
        payment: PaymentRef,
    ) -> Result<PaymentDetails, AskError> {
        let payment = self.payment_of(client, payment).await?;
        let operations = self.store.find_operations(payment.reference).await?;
        let profile = match payment.profile {
            Some(ProfileAsked::Known) => self.find_profile(payment.reference).await?,
            _ => None,
        };
        Ok(PaymentDetails {
            payment,
            operations,
            profile,
        })
    }

    pub async fn read_agreement(
        &self,
        client: &ClientCode,
        id: AgreementId,
    ) -> Result<Agreement, AskError> {
        self.agreement_of(client, id).await
    }
}
