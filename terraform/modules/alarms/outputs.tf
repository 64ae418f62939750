output "alarm_arns" {
  description = "The ARN of each alarm by what it is for: `errors`, `throttles`, `dropped-events`, and `schedule` where there is one."
  value       = { for name, alarm in aws_cloudwatch_metric_alarm.runs : name => alarm.arn }
}
