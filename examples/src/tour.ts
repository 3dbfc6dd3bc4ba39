// Creates a connector on a bucket, syncs it and searches it:
//   CX_API_KEY=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… node --conditions=cx-source examples/src/tour.ts my-bucket
import { CxClient } from '@cx/client'

const bucket = process.argv[2]
const { CX_URL = 'http://127.0.0.1:8080', CX_API_KEY, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env
if (!bucket || !CX_API_KEY || !AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
  console.error('Name a bucket, and set CX_API_KEY, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  process.exit(2)
}

const client = new CxClient({ baseUrl: CX_URL, apiKey: CX_API_KEY })
const connector = await client.connectors.create({
  name: bucket,
  type: 's3',
  collection: 'tour',
  config: { bucket, region: 'us-east-1' },
  credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
})
const job = await client.connectors.sync(connector.id)
const end = await client.connectors.waitForSync(connector.id, job.jobId)
console.log(end.status, end.progress)
