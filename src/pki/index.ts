/** CAs, certificates, passwords and keys. Nothing here is kept: what it returns belongs in a Secret. */
export { type CaRequest, createCa, issueServer, type KeyPair, type ServerRequest } from './authority.ts'
export { type Certificate, needsRenewal, parseCertificate } from './certificate.ts'
export { generateCephKey, generateFernetKey, generatePassword, type RandomBytes } from './random.ts'
export { type SshKeyPair, sshKeyPair } from './ssh.ts'
