import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const key = Buffer.alloc(32, 1).toString('base64')

test('oauth clients, egress and several encryption keys', () => {
  const settings = readSettings({
    CX_OAUTH_GOOGLE_DRIVE_CLIENT_ID: 'id',
    CX_OAUTH_GOOGLE_DRIVE_CLIENT_SECRET: ' secret ',
    CX_OAUTH_SLACK_TOKEN_URL: 'http://127.0.0.1:1/token',
    CX_OAUTH_SLACK_COLOUR: 'red',
    CX_OAUTH_RETURN_ORIGINS: 'https://app.example.com/, http://localhost:3000',
    CX_CORS_ORIGINS: 'https://app.example.com',
    CX_EGRESS_ALLOW: '10.0.0.0/8, fd00::/8,127.0.0.1',
    CX_ENCRYPTION_KEY: `${key},${key}`,
  })
  expect(settings).toMatchObject({
    oauthClients: {
      GOOGLE_DRIVE: { clientId: 'id', clientSecret: 'secret' },
      SLACK: { tokenUrl: 'http://127.0.0.1:1/token' },
    },
    oauthReturnOrigins: ['https://app.example.com', 'http://localhost:3000'],
    corsOrigins: ['https://app.example.com'],
    egressAllow: ['10.0.0.0/8', 'fd00::/8', '127.0.0.1'],
    encryptionKeys: [key, key],
  })
  expect(Object.keys(settings.oauthClients)).toEqual(['GOOGLE_DRIVE', 'SLACK'])
})

test('every mistake is named', () => {
  const read = () =>
    readSettings({
      CX_OAUTH_SLACK_TOKEN_URL: 'slack.test',
      CX_OAUTH_RETURN_ORIGINS: 'https://app.example.com/path',
      CX_CORS_ORIGINS: 'app.example.com',
      CX_EGRESS_ALLOW: '10.0.0.0/8, ten',
      CX_ENCRYPTION_KEY: `${key},short`,
    })
  for (const name of [
    'CX_OAUTH_SLACK_TOKEN_URL',
    'CX_OAUTH_RETURN_ORIGINS',
    'CX_CORS_ORIGINS',
    'CX_EGRESS_ALLOW',
    'CX_ENCRYPTION_KEY',
  ])
    expect(read).toThrow(name)
  expect(readSettings({ CX_CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*'])
})

test('text recognition is off, or a package and its languages', () => {
  expect(readSettings({}).ocr).toBeUndefined()
  expect(readSettings({ CX_OCR: 'tesseract' }).ocr).toEqual({ package: '@cx/ocr-tesseract', languages: ['eng'] })
  const other = readSettings({ CX_OCR: '@acme/ocr', CX_OCR_LANGUAGES: 'deu, fra' })
  expect(other.ocr).toEqual({ package: '@acme/ocr', languages: ['deu', 'fra'] })
  expect(() => readSettings({ CX_OCR_LANGUAGES: 'deu' })).toThrow('CX_OCR=tesseract')
  expect(() => readSettings({ CX_OCR: '../ocr' })).toThrow('CX_OCR is "../ocr"')
})
