// The package has types only; its test kit is @reventless/handler/testing.
export {};
