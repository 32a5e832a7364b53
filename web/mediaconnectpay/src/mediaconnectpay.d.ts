/** Types of the global that mediaconnectpay.js defines. There is nothing to import. */
declare namespace mediaconnectpay {
  /** The version of the loaded library, for example "1.1.0". */
  const version: string;

  const Api: {
    /** Must come first. Throws a TypeError when a member is missing or broken. */
    init(options: InitOptions): void;

    /**
     * Starts a payment, or picks up the one that this tab left the page for (3-D Secure).
     * A view of an earlier call is taken away. Every outcome comes through the callback.
     */
    paymentInit(request: PaymentRequest, callback: Callback, options?: ViewOptions): void;

    /**
     * For pages that sign only on a click: call it when the page loads. True when a payment is
     * being picked up and the callback will hear of it, false when there is nothing to resume.
     */
    resume(callback: Callback, options?: ViewOptions): boolean;

    /**
     * Closes the payment of the open seamless view. The outcome comes through the callback; the
     * promise tells whether the payment has ended (false: nothing was open, or the provider did not
     * close it and the view stays usable). It never rejects.
     */
    cancel(): Promise<boolean>;
  };

  interface InitOptions {
    /** Address of the mcPay API, for example "https://api.mediaconnect.no/capi/mcpay". */
    baseUrl: string;
    /** Id of the element in which the seamless view is shown. */
    elementId: string;
  }

  interface PaymentRequest {
    clientCode: string;
    /** The JWT with the payment's parameters, signed by the client's server. */
    sign: string;
  }

  interface ViewOptions {
    /** Language of the provider's view, for example "nb-NO". Default: the payment's own. */
    culture?: string;
    /** For PayEx: handed to its view as it is, where the contract with PayEx allows it. */
    style?: object;
    /** For Nexi: colours, fonts and buttons of its view. */
    theme?: NexiTheme;
  }

  /** The keys that Nexi Checkout documents; each value is a CSS value, for example "#0a5c36" or "4px". */
  interface NexiTheme {
    textColor?: string;
    primaryColor?: string;
    linkColor?: string;
    backgroundColor?: string;
    fontFamily?: string;
    placeholderColor?: string;
    outlineColor?: string;
    primaryOutlineColor?: string;
    panelColor?: string;
    panelTextColor?: string;
    panelLinkColor?: string;
    buttonRadius?: string;
    buttonTextColor?: string;
    buttonFontWeight?: string;
    buttonFontStyle?: string;
    buttonTextTransform?: string;
    useLightIcons?: boolean;
  }

  interface PaymentRef {
    mcPayRef: string;
  }

  type Reason = 'cancel' | 'declined' | 'expired' | 'error';

  interface Callback {
    /** The payment exists and the payer can go on. */
    onInit?(payment: PaymentRef): void;
    /** Seamless flow only: the server has asked the provider, and the payment is good. */
    onSuccess?(payment: PaymentRef, providerResponse?: unknown): void;
    /**
     * Without a reason it is not known that the payment failed: never ask for it again
     * when there is an mcPayRef but no reason, look its state up first.
     */
    onFailure?(
      payment: PaymentRef | undefined,
      error: ErrorResponse,
      providerResponse?: unknown,
      reason?: Reason
    ): void;
    /** When given, the page does the redirect itself. Otherwise the library does it. */
    onRedirect?(payment: PaymentRef & { redirectUrl: string }): void;
  }

  /** The server's problem document, or an error of the library in the same shape. */
  interface ErrorResponse {
    code: string;
    exceptionType: string;
    errorMessage: string;
    status?: number;
    title?: string;
    detail?: string;
    requestId?: string;
    errors?: { field: string; code: string; message: string }[];
    [member: string]: unknown;
  }
}

interface Window {
  readonly mediaconnectpay: typeof mediaconnectpay;
}
