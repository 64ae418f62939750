variable "name" {
  description = "The bucket's name, which is lamex.yaml's `artifacts.bucket`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.name))
    error_message = "name has 3 to 63 small letters, digits, points and hyphens, and begins and ends with a letter or a digit."
  }
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts what is put into the bucket, which is lamex.yaml's `artifacts.kms_key_arn`. Null for S3's own."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias."
  }
}

variable "expire_after_days" {
  description = "How long packages are kept. Deployed functions no longer need them."
  type        = number
  default     = 30

  validation {
    condition     = var.expire_after_days >= 1 && floor(var.expire_after_days) == var.expire_after_days
    error_message = "expire_after_days is a whole number from 1."
  }
}

variable "expire_noncurrent_after_days" {
  description = "How long a package is kept beyond that, or after another one took its place: the time to restore what was deleted by mistake."
  type        = number
  default     = 7

  validation {
    condition     = var.expire_noncurrent_after_days >= 1 && floor(var.expire_noncurrent_after_days) == var.expire_noncurrent_after_days
    error_message = "expire_noncurrent_after_days is a whole number from 1."
  }
}

variable "tags" {
  description = "Tags of the bucket."
  type        = map(string)
  default     = {}
}
