/** From where repositories may be imported. By default only over HTTPS from public addresses. */
export interface ImportRules {
  readonly allowHttp: boolean;
  /** Addresses of this machine and its private networks. For tests and closed installations. */
  readonly allowPrivateAddresses: boolean;
}

export const publicImports: ImportRules = { allowHttp: false, allowPrivateAddresses: false };
