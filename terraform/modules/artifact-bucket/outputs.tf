output "name" {
  description = "The bucket's name."
  value       = aws_s3_bucket.artifacts.bucket
}

output "arn" {
  description = "The bucket's ARN."
  value       = aws_s3_bucket.artifacts.arn
}
