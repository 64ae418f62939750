data "aws_partition" "current" {}

resource "aws_iam_openid_connect_provider" "ci" {
  url             = var.issuer
  client_id_list  = coalesce(var.audiences, [data.aws_partition.current.partition == "aws-cn" ? "sts.amazonaws.com.cn" : "sts.amazonaws.com"])
  thumbprint_list = var.thumbprints
  tags            = var.tags
}
